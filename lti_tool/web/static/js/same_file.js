// Which file an upload was begun with, as far as this device can tell: by the time of its last change.
// Two files of one name and one size must not become one, half of each.

const PREFIX = "imhcf:upload:";

export function remember(id, file) {
  try {
    localStorage.setItem(PREFIX + id, String(file.lastModified));
  } catch {
    // Where nothing is kept, a person has to point to the file themselves.
  }
}

export function forget(id) {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // There is nothing to forget.
  }
}

/** Says whether it is the file that the upload was begun with; null where this device cannot know. */
export function isSame(id, file) {
  try {
    const kept = localStorage.getItem(PREFIX + id);
    return kept === null ? null : kept === String(file.lastModified);
  } catch {
    return null;
  }
}
