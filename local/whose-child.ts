/**
 * Calls `orphaned` once, when the process that started this one is gone: npm passes a signal on to its shell alone, so nobody would end
 * what it started. Does not keep the process alive.
 *
 * @param parentOf who this one's parent is now
 */
export function watchParent(parentOf: () => number, orphaned: () => void, everyMs = 500): void {
  const parent = parentOf();
  const watch = setInterval(() => {
    if (parentOf() === parent) return;
    clearInterval(watch);
    orphaned();
  }, everyMs);
  watch.unref();
}
