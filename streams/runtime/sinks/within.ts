/** Resolves when the work is done, or when so much time has passed. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  if (ms === Infinity) return void (await work);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
