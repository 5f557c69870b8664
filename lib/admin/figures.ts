import type { Figure } from '../conversations/effects.ts';
import type { Clock } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { Day, dayOf } from '../platform/wall-clock.ts';
import { figuresView } from './figures-view.ts';

/** What the admin API needs for figures. `zone` says when a day begins. */
export interface AdminFigures {
  readonly zone: string;
  readonly store: { figuresOf(teamOrAccount: string, day: Day): Promise<readonly Figure[]> };
}

/** In bytes: tables take no longer keys. */
const MOST_NAME = 512;

/** `GET /figures`: one day of one team, or of an account that no team serves. */
export function figureRoutes(
  { zone, store }: AdminFigures,
  isTeam: (teamId: string) => Promise<boolean>,
  clock: Clock,
): Readonly<Record<string, Route>> {
  return {
    'GET /figures': async ({ query }) => {
      const { team, account } = query;
      const of = team || account;
      if (!of || (team && account)) {
        return problem(
          400,
          'Say whose figures: team=… or, where no team serves the account, account=…; one of the two.',
        );
      }
      if (Buffer.byteLength(of) > MOST_NAME)
        return problem(400, `No team or account has a name of more than ${MOST_NAME} bytes.`);
      const day = Day.safeParse(query.day ?? dayOf(zone, clock()));
      if (!day.success) return problem(400, 'day has to be a day of the calendar, written like 2026-10-01.');
      const figures = await store.figuresOf(of, day.data);
      // A team that is gone keeps its figures.
      if (team && figures.length === 0 && !(await isTeam(team))) return problem(404, 'There is no such team.');
      return jsonAnswer({ ...(team ? { team } : { account }), day: day.data, zone, ...figuresView(figures) });
    },
  };
}
