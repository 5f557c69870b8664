import type { Figure } from '../conversations/effects.ts';
import { RATING_KINDS, type RatingKind } from '../replies/rating.ts';

/** What customers who were asked said, by kind; nothing where nobody was asked. Shares and scores are rounded to two places. */
export function ratingsView(figures: readonly Figure[]): { ratings?: Partial<Record<RatingKind, object>> } {
  const kinds = RATING_KINDS.flatMap((kind) => {
    const of = figures.filter(({ rating }) => rating === kind);
    return of.length > 0 ? [[kind, kindView(kind, of)] as const] : [];
  });
  return kinds.length > 0 ? { ratings: Object.fromEntries(kinds) } : {};
}

function kindView(kind: RatingKind, of: readonly Figure[]) {
  const values = of.flatMap(({ what, value }) => (what === 'rating' && value !== undefined ? [value] : []));
  const counts = { asked: of.filter(({ what }) => what === 'rating-asked').length, answered: values.length };
  if (values.length === 0) return counts;
  const sum = values.reduce((total, value) => total + value, 0);
  const share = (holds: (value: number) => boolean) => values.filter(holds).length / values.length;
  const told = { ...counts, sum, average: rounded(sum / values.length) };
  switch (kind) {
    case 'csat':
      return { ...told, satisfiedShare: rounded(share((value) => value >= 4)) };
    case 'ces':
      return { ...told, easyShare: rounded(share((value) => value >= 5)) };
    case 'nps':
      return { ...told, score: rounded(100 * (share((value) => value >= 9) - share((value) => value <= 6))) };
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
