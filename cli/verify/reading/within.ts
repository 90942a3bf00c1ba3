import { CannotCheckError } from '../errors.ts';

/** @throws {CannotCheckError} with this reason when it takes longer */
export async function within<T>(work: Promise<T>, ms: number, reason: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CannotCheckError(`${reason} (waited ${ms} ms)`)), ms);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
