"""The shapes of the API's bodies and answers. Generated of its schema by `make client`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

ActionEnum: TypeAlias = Literal["add", "remove", "again", "zip", "delete"]


class Album(TypedDict):
    id: str
    name: str
    created_at: str
    photos: int
    sessions: int
    cover: str | None


class MeanProbabilities(TypedDict, closed=True):
    angry: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float
    neutral: float


AnalysisSourceEnum: TypeAlias = Literal["web", "api", "sample", "import"]


ArchitectureEnum: TypeAlias = Literal["mlp", "cnn", "residual", "wide_residual", "wider_residual", "vgg"]


AugmentationEnum: TypeAlias = Literal["none", "light", "strong", "robust", "framed", "lightly_framed"]


BlankEnum: TypeAlias = Literal[""]


class Box(TypedDict):
    x: float
    y: float
    width: float
    height: float


BulkJobStatusEnum: TypeAlias = Literal["waiting", "queued", "running", "finished", "cancelled", "failed"]


BulkKindEnum: TypeAlias = Literal["photos", "sessions", "videos"]


CorrectionEnum: TypeAlias = Literal[
    "angry",
    "disgust",
    "fear",
    "happy",
    "sad",
    "surprise",
    "neutral",
    "cannot_tell",
    "not_a_face",
]


CorrectionStatusEnum: TypeAlias = Literal["pending", "approved", "rejected"]


class Counts(TypedDict):
    angry: int
    disgust: int
    fear: int
    happy: int
    sad: int
    surprise: int
    neutral: int


DeliveryStatusEnum: TypeAlias = Literal["waiting", "sending", "acknowledged", "failed"]


DoubtsEnum: TypeAlias = Literal["close", "small", "blurred", "dark", "turned", "bowed", "raised", "cut"]


EmotionEnum: TypeAlias = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


class Epoch(TypedDict):
    number: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float | None


class Error(TypedDict):
    code: str
    message: str
    errors: dict[str, list[str]]
    retryable: NotRequired[bool]


EventsEnum: TypeAlias = Literal[
    "photo.analysed",
    "session.ended",
    "video.finished",
    "run.finished",
    "version.promoted",
]


class ExportVersionRequest(TypedDict):
    version: str


class Probabilities(TypedDict, closed=True):
    angry: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float
    neutral: float


class FaceSummary(TypedDict):
    face: int
    seconds: int
    first: int
    last: int
    shares: dict[str, float]
    confidence: float
    models: list[str]
    name: str


class Figures(TypedDict):
    split: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float


FileStatusEnum: TypeAlias = Literal["uploading", "queued", "running", "finished", "cancelled", "failed"]


HistorySourceEnum: TypeAlias = Literal["photo", "live", "video"]


class ImportVersionRequest(TypedDict):
    name: str
    bytes: int


IntervalEnum: TypeAlias = Literal["hour", "day", "week", "month"]


LanguageEnum: TypeAlias = Literal["de", "en", "es", "fr", "ja", "pt-br"]


class MarkRequest(TypedDict):
    x: float
    y: float
    width: float
    height: float


class Means(TypedDict):
    angry: float
    disgust: float
    fear: float
    happy: float
    sad: float
    surprise: float
    neutral: float


class MetricChange(TypedDict):
    name: str
    n: int
    before: float | None
    after: float | None
    points: float | None


class NameRequest(TypedDict):
    name: str


class NewBulkJobRequest(TypedDict):
    action: ActionEnum
    kind: BulkKindEnum
    ids: NotRequired[list[str]]
    filter: NotRequired[dict[str, str]]
    album: NotRequired[str]


class NewVideoRequest(TypedDict):
    people_agreed: NotRequired[bool]
    name: str
    bytes: int


class NewWebhook(TypedDict):
    id: str
    url: str
    events: list[EventsEnum]
    is_site: bool
    created_at: str
    is_on: bool
    failing_since: str | None
    off_at: str | None
    off_reason: str
    secret: str


NoticeKindEnum: TypeAlias = Literal["video", "training", "webhook"]


NullEnum: TypeAlias = None


OriginEnum: TypeAlias = Literal["shipped", "trained"]


class PaginatedAlbumList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Album]


class PatchedAlbumEditRequest(TypedDict):
    name: NotRequired[str]
    cover: NotRequired[str | None]


class PatchedChangeMeRequest(TypedDict):
    time_zone: NotRequired[str]
    language: NotRequired[LanguageEnum | BlankEnum]
    email_notices: NotRequired[bool]


class PatchedSessionEditRequest(TypedDict):
    name: NotRequired[str]
    notes: NotRequired[str]
    face_names: NotRequired[dict[str, str]]


class PatchedTagEditRequest(TypedDict):
    name: NotRequired[str]


class PatchedWebhookChangeRequest(TypedDict):
    url: NotRequired[str]
    events: NotRequired[list[EventsEnum]]
    is_on: NotRequired[bool]


class PhotoUploadRequest(TypedDict):
    people_agreed: NotRequired[bool]
    photo: bytes


class PhotosUploadRequest(TypedDict):
    people_agreed: NotRequired[bool]
    photos: list[bytes]


PrecisionEnum: TypeAlias = Literal["float32", "mixed_bfloat16", "mixed_float16"]


class PromoteRequest(TypedDict):
    reason: NotRequired[str]
    instead_of: NotRequired[str | None]


class RollbackRequest(TypedDict):
    reason: NotRequired[str]


class Sample(TypedDict):
    second: int
    face: int
    frames: int
    model: str
    emotion: EmotionEnum
    confidence: float
    score: float | None
    probabilities: Probabilities
    is_uncertain: bool
    doubts: list[DoubtsEnum]


ScopeEnum: TypeAlias = Literal["read", "write"]


SessionSourceEnum: TypeAlias = Literal["live", "video"]


class SessionSummary(TypedDict):
    n: int
    shares: dict[str, float]
    models: list[str]
    faces: list[FaceSummary]


ShowsEnum: TypeAlias = Literal["picture", "numbers"]


Teacher: TypeAlias = str


class StartRunRequest(TypedDict):
    name: NotRequired[str]
    architecture: ArchitectureEnum
    epochs: NotRequired[int | None]
    learning_rate: NotRequired[float | None]
    batch_size: NotRequired[int | None]
    augmentation: NotRequired[AugmentationEnum | NullEnum]
    precision: NotRequired[PrecisionEnum | NullEnum]
    seed: NotRequired[int]
    start_from: NotRequired[str | None]
    teachers: NotRequired[list[Teacher] | None]
    votes_head_only: NotRequired[bool]
    limit: NotRequired[int | None]
    votes: NotRequired[bool]
    include_corrections: NotRequired[bool]
    mirrored: NotRequired[bool]


StateEnum: TypeAlias = Literal[
    "queued",
    "preparing",
    "training",
    "evaluating",
    "finished",
    "failed",
    "cancelled",
    "lost",
]


class Tag(TypedDict):
    id: str
    name: str
    created_at: str
    photos: int
    sessions: int


class Token(TypedDict):
    id: str
    name: str
    scope: ScopeEnum
    created_at: str
    expires_at: str | None
    last_used_at: str | None


UnitEnum: TypeAlias = Literal["face", "second"]


class Version(TypedDict):
    name: str
    origin: OriginEnum
    is_active: bool
    created_at: str
    activated_at: str | None
    previous: str | None
    figures: Figures | None


class VersionComparison(TypedDict):
    version: str
    other: str
    split: str
    why_not: str
    metrics: list[MetricChange]


VersionTransferKindEnum: TypeAlias = Literal["export", "import"]


class VersionWithCard(TypedDict):
    name: str
    origin: OriginEnum
    is_active: bool
    created_at: str
    activated_at: str | None
    previous: str | None
    figures: Figures | None
    card: dict[str, Any]


class Video(TypedDict):
    id: str
    name: str
    status: FileStatusEnum
    bytes: int
    received: int
    progress: float
    message: str
    width: int | None
    height: int | None
    seconds: float | None
    session: str | None
    created_at: str
    ended_at: str | None


class WatchedRun(TypedDict):
    id: str
    name: str
    architecture: str
    state: StateEnum
    reason: str
    settings: dict[str, Any]
    epoch: int
    epochs: int
    progress: float
    seconds: float
    remaining_seconds: float | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel_requested_at: str | None
    version: str | None
    waiting_reason: str
    images_per_second: float | None
    log: str
    epoch_figures: list[Epoch]


class Webhook(TypedDict):
    id: str
    url: str
    events: list[EventsEnum]
    is_site: bool
    created_at: str
    is_on: bool
    failing_since: str | None
    off_at: str | None
    off_reason: str


class WebhookCreateRequest(TypedDict):
    url: str
    events: list[EventsEnum]
    is_site: NotRequired[bool]


class Bucket(TypedDict):
    unit: UnitEnum
    n: int
    counts: Counts
    means: Means | None
    is_few: bool
    start: str
    end: str
    models: dict[str, int]


class BulkJob(TypedDict):
    id: str
    action: ActionEnum
    kind: BulkKindEnum
    album: str | None
    status: BulkJobStatusEnum
    total: int
    done: int
    failed: int
    message: str
    undo_until: str | None
    created_at: str
    ended_at: str | None


class CorrectRequest(TypedDict):
    emotion: CorrectionEnum


class Correction(TypedDict):
    emotion: CorrectionEnum
    said: EmotionEnum
    model: str
    status: CorrectionStatusEnum
    is_for_training: bool
    created_at: str


class Delivery(TypedDict):
    id: str
    webhook: str
    event: str
    body: str
    status: DeliveryStatusEnum
    created_at: str
    due_at: str
    sent_at: str | None
    attempts: int
    http_status: int | None
    answer: str
    error: str


class ExportedFace(TypedDict):
    source: HistorySourceEnum
    time: str
    id: str
    name: str
    face: int
    emotion: EmotionEnum
    confidence: float
    probabilities: Probabilities
    model: str
    correction: CorrectionEnum | NullEnum
    corrected_emotion: EmotionEnum | NullEnum
    is_marked: bool
    unit: UnitEnum
    taken: str | None


class Face(TypedDict):
    id: int
    position: int
    box: Box
    score: float
    emotion: EmotionEnum
    confidence: float
    margin: float
    is_uncertain: bool
    doubts: list[DoubtsEnum]
    probabilities: Probabilities
    corrected_emotion: EmotionEnum | NullEnum
    correction: Correction | None
    is_included: bool
    is_marked: bool


class Link(TypedDict):
    id: str
    photo: str | None
    session: str | None
    album: str | None
    shows: ShowsEnum
    title: str
    has_password: bool
    created_at: str
    expires_at: str
    revoked_at: str | None
    is_active: bool


class LinkCreateRequest(TypedDict):
    photo: NotRequired[str]
    session: NotRequired[str]
    album: NotRequired[str]
    shows: NotRequired[ShowsEnum]
    expires_at: NotRequired[str]
    title: NotRequired[str]
    password: NotRequired[str]


class Me(TypedDict):
    email: str
    is_staff: bool
    date_joined: str
    time_zone: str
    language: str
    email_notices: bool
    token: Token | None


class NewLink(TypedDict):
    id: str
    photo: str | None
    session: str | None
    album: str | None
    shows: ShowsEnum
    title: str
    has_password: bool
    created_at: str
    expires_at: str
    revoked_at: str | None
    is_active: bool
    url: str


class Notice(TypedDict):
    kind: NoticeKindEnum
    name: str
    is_success: bool
    ended_at: str
    text: str
    url: str


class Notices(TypedDict):
    now: str
    is_waiting: bool
    results: list[Notice]


class PaginatedBulkJobList(TypedDict):
    next: str | None
    previous: str | None
    results: list[BulkJob]


class PaginatedDeliveryList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Delivery]


class PaginatedLinkList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Link]


class PaginatedSampleList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Sample]


class PaginatedTagList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Tag]


class PaginatedVersionList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Version]


class PaginatedVideoList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Video]


class PaginatedWebhookList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Webhook]


class Run(TypedDict):
    id: str
    name: str
    architecture: str
    state: StateEnum
    reason: str
    settings: dict[str, Any]
    epoch: int
    epochs: int
    progress: float
    seconds: float
    remaining_seconds: float | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    cancel_requested_at: str | None
    version: str | None


class Series(TypedDict):
    interval: IntervalEnum
    time_zone: str
    source: HistorySourceEnum
    unit: UnitEnum
    n: int
    few: int
    buckets: list[Bucket]


class Session(TypedDict):
    id: str
    source: SessionSourceEnum
    name: str
    notes: str
    started_at: str
    ended_at: str | None
    seconds: float
    frames: int
    dropped: int
    video: str | None


class Tally(TypedDict):
    unit: UnitEnum
    n: int
    counts: Counts
    means: Means | None
    is_few: bool


class VersionTransfer(TypedDict):
    id: str
    kind: VersionTransferKindEnum
    name: str
    version: str | None
    status: FileStatusEnum
    step: str
    message: str
    bytes: int
    received: int
    facts: dict[str, Any]
    created_at: str
    ended_at: str | None


class Analysis(TypedDict):
    id: str
    name: str
    source: AnalysisSourceEnum
    created_at: str
    taken_at: str | None
    width: int
    height: int
    bytes: int
    detector: str
    model: str
    milliseconds: float
    faces: list[Face]
    excluded_faces: list[Face]
    mean_probabilities: MeanProbabilities | None


class Exported(TypedDict):
    faces: list[ExportedFace]


class HistorySummary(TypedDict):
    unit: UnitEnum
    n: int
    counts: Counts
    means: Means | None
    is_few: bool
    start: str
    end: str
    models: dict[str, int]
    source: HistorySourceEnum
    dominant: EmotionEnum | NullEnum
    sources: dict[str, Tally]
    by_model: dict[str, Tally]
    first: str | None
    last: str | None


class PaginatedAnalysisList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Analysis]


class PaginatedRunList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Run]


class PaginatedSessionList(TypedDict):
    next: str | None
    previous: str | None
    results: list[Session]


class PaginatedVersionTransferList(TypedDict):
    next: str | None
    previous: str | None
    results: list[VersionTransfer]


class Uploaded(TypedDict):
    name: str
    is_new: bool
    analysis: Analysis | None
    error: Error | None


class Uploads(TypedDict):
    results: list[Uploaded]
