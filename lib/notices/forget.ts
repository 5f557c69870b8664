import type { Desk } from './desk.ts';

/**
 * The desk without a customer who wants to be forgotten. He stays counted where he was, so that what is told next says how many there
 * were; it never says who. `isHis` knows his ids, alone or within another one.
 */
export function forgetCustomer(desk: Desk, isHis: (id: string) => boolean): Desk {
  const pending = desk.pending.map((one) =>
    one.about.some(isHis) ? { ...one, about: one.about.map((id, place) => (isHis(id) ? `#${place}` : id)) } : one,
  );
  return { ...desk, pending, heard: desk.heard.filter((id) => !isHis(id)) };
}
