// Leads to the photos, sessions and videos that a bar or a point counts.

const PLACES = { photo: "photos", live: "live sessions", video: "videos" };

function address(source, url, emotion) {
  // Photos can be filtered by what they show; sessions hold everything at once.
  return source === "photo" && emotion ? `${url}&emotion=${emotion}` : url;
}

/** Goes where a bucket's faces are, or, where they are in several places, asks which. */
export function showBehind(figure, bucket, emotion) {
  if (!bucket?.n) return;
  const links = Object.entries(bucket.behind);
  if (links.length === 1) {
    const [[source, url]] = links;
    location.assign(address(source, url, emotion));
    return;
  }
  const place = figure.closest(".chart-card").querySelector("[data-behind]");
  place.replaceChildren(`Behind ${bucket.label}: `);
  links.forEach(([source, url], number) => {
    const link = document.createElement("a");
    link.href = address(source, url, emotion);
    link.textContent = `${bucket.sources[source].toLocaleString("en")} in ${PLACES[source]}`;
    place.append(number ? ", " : "", link);
  });
  place.hidden = false;
}
