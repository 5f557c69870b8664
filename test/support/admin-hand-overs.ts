import type { AdminHandOvers } from '../../lib/admin/hand-overs.ts';

/** Nobody hands anything over here. */
export function adminHandOvers(doubles: Partial<AdminHandOvers> = {}): AdminHandOvers {
  let ids = 0;
  return {
    knowsHandOver: async () => false,
    saveNote: async () => undefined,
    tell: async () => undefined,
    newId: () => {
      ids += 1;
      return `new${ids}`;
    },
    ...doubles,
  };
}
