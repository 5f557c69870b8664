/** Log lines and metrics of the functions would bury the figures. */
export async function quietly<T>(act: () => Promise<T>): Promise<T> {
  const loud = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return await act();
  } finally {
    process.stdout.write = loud;
  }
}
