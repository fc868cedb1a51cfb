/** A tick or a cross with its word for screen readers: told by shape and words as well as by colour. */
export function verdict(correct: boolean): string {
  return correct
    ? '<span class="verdict right"><span aria-hidden="true">✓</span><span class="unseen">right</span></span>'
    : '<span class="verdict wrong"><span aria-hidden="true">✗</span><span class="unseen">wrong</span></span>';
}
