// Leads to the photos, sessions or videos that a bar or a point counts.

/** Goes where a bucket's faces are; photos can be filtered by what they show, sessions hold everything at once. */
export function showBehind({ source }, bucket, emotion) {
  if (!bucket?.n) return;
  location.assign(source === "photo" && emotion ? `${bucket.behind}&emotion=${emotion}` : bucket.behind);
}
