/**
 * Which records of a batch failed, by Lambda's rules for `ReportBatchItemFailures`: nothing, null or an empty list is
 * complete success; anything malformed, or an id that is not in the batch, is complete failure.
 */
export function failedRecords(response: unknown, messageIds: readonly string[]): ReadonlySet<string> {
  const all = new Set(messageIds);
  if (response === null || response === undefined) return new Set();
  if (typeof response !== 'object') return all;
  const failures: unknown = Object(response).batchItemFailures;
  if (failures === null || failures === undefined) return new Set();
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = Object(failure).itemIdentifier;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
