import { describe, expect, test } from '@jest/globals';
import { adminHouse, type PEOPLE, RIGHT } from '../support/admin-house.ts';

const CALLERS = [
  'viewer of support',
  'viewer of sales',
  'viewer of all',
  'supervisor of support',
  'supervisor of sales',
  'supervisor of all',
  'operator of support',
  'operator of all',
] as const satisfies readonly (keyof typeof PEOPLE)[];

/**
 * Who is let in where, in the order of `CALLERS`, written by hand: `+` gets what he asks for, `.` is told 403. Everything that a request is about
 * is of the team `support`. Only a decision about who may do what changes this table.
 */
const MATRIX: Readonly<Record<string, string>> = {
  //                                                  viewer supervisor operator
  'GET /health': /*                                */ '+++ +++ ++',
  'GET /me': /*                                    */ '+++ +++ ++',
  'GET /openapi.json': /*                          */ '+++ +++ ++',
  'GET /audit': /*                                 */ '... ... .+',
  // Everybody sees his own teams only; the test below says which.
  'GET /teams': /*                                 */ '+++ +++ ++',
  'GET /agents/{agentId}/duty': /*                 */ '+.+ +.+ ++',
  'PUT /agents/{agentId}/duty': /*                 */ '... +.+ ++',
  'GET /decisions/{r}': /*                         */ '+.+ +.+ ++',
  'GET /figures': /*                               */ '+.+ +.+ ++',
  'GET /conversations/{id}': /*                    */ '+.+ +.+ ++',
  'GET /conversations/{id}/history': /*            */ '... +.+ ++',
  'GET /conversations/{id}/media/{message}': /*    */ '... +.+ ++',
  'POST /conversations/{id}/hand-over': /*         */ '... +.+ ++',
  'GET /conversations/{id}/standing': /*           */ '+.+ +.+ ++',
  'POST /conversations/{id}/free-places': /*       */ '... +.+ ++',
  'GET /contact-ways': /*                          */ '+++ +++ ++',
  'GET /contact-ways/strange-codes': /*            */ '+++ +++ ++',
  'GET /contact-ways/{id}': /*                     */ '+++ +++ ++',
  'PUT /contact-ways/{id}': /*                     */ '... ..+ .+',
  'DELETE /contact-ways/{id}': /*                  */ '... ..+ .+',
  'POST /contact-ways/{id}/pause': /*              */ '... ..+ .+',
  'POST /contact-ways/{id}/resume': /*             */ '... ..+ .+',
  'GET /contact-ways/{id}/members/{agentId}/duty': '+++ +++ ++',
  'PUT /contact-ways/{id}/members/{agentId}/duty': '... ..+ .+',
  'GET /contact-ways/{id}/code': /*                */ '+++ +++ ++',
  'GET /contact-ways/{id}/code.svg': /*            */ '+++ +++ ++',
  'GET /contact-ways/{id}/code.png': /*            */ '+++ +++ ++',
  'GET /entries': /*                               */ '+++ +++ ++',
  'GET /entries/{id}': /*                          */ '+++ +++ ++',
  'GET /entries/{id}/code.svg': /*                 */ '+++ +++ ++',
  'GET /entries/{id}/code.png': /*                 */ '+++ +++ ++',
  'GET /quick-replies': /*                         */ '+++ +++ ++',
  'GET /quick-replies/{id}': /*                    */ '+++ +++ ++',
  'PUT /quick-replies/{id}': /*                    */ '... ..+ .+',
  'DELETE /quick-replies/{id}': /*                 */ '... ..+ .+',
  'GET /accounts': /*                              */ '... ... .+',
  'GET /accounts/{openKfId}/servicers': /*         */ '... ... .+',
  'POST /accounts/{openKfId}/servicers': /*        */ '... ... .+',
  'GET /accounts/{openKfId}/duty': /*              */ '... ... .+',
  'POST /accounts/{openKfId}/observe': /*          */ '... ... .+',
  'POST /accounts/{openKfId}/adopt': /*            */ '... ... .+',
  'POST /accounts/{openKfId}/release': /*          */ '... ... .+',
  'GET /knowledge': /*                             */ '... ... .+',
  'POST /knowledge': /*                            */ '... ... .+',
};

test('the table has every address', async () => {
  expect(Object.keys(MATRIX).sort()).toEqual([...(await adminHouse()).patterns].sort());
});

describe('who is let in', () => {
  test.each(Object.entries(MATRIX))('%s: %s', async (pattern, marks) => {
    const [path = '', ask] = RIGHT[pattern] ?? [];
    const found: string[] = [];
    for (const as of CALLERS) {
      const house = await adminHouse();
      const { status } = await house.ask(pattern.split(' ')[0] ?? '', path, { ...ask, as });
      // Let in is who gets what he asked for: the house has everything that is asked for here.
      found.push(status === 403 ? '.' : status < 300 ? '+' : String(status));
    }
    expect(found.join('')).toBe(marks.replaceAll(' ', ''));
  });

  test.each(Object.keys(MATRIX))('whoever signed for AWS may do everything: %s', async (pattern) => {
    const [path = '', ask] = RIGHT[pattern] ?? [];
    const house = await adminHouse();
    expect((await house.ask(pattern.split(' ')[0] ?? '', path, ask)).status).toBeLessThan(300);
  });

  test.each([
    ['viewer of support', ['support']],
    ['supervisor of sales', ['sales']],
    ['operator of support', ['support']],
    ['supervisor of all', ['sales', 'support']],
  ])('%s is shown the teams %j', async (as, teams) => {
    const { body } = await (await adminHouse()).ask('GET', 'teams', { as });
    expect(body.teams.map(({ id }: { id: string }) => id).sort()).toEqual(teams);
  });

  test('what belongs to no team, or to none that is known, is for those who have all', async () => {
    const house = await adminHouse();
    const status = async (path: string, as: string, query = '') => (await house.ask('GET', path, { as, query })).status;
    for (const path of ['conversations/wkOther%3AwmNobody', 'agents/nobody/duty', 'decisions/wkOther%3Awm%23r1']) {
      expect([path, await status(path, 'operator of support')]).toEqual([path, 403]);
      expect([path, await status(path, 'viewer of all')]).toEqual([path, 404]);
    }
    expect(await status('figures', 'supervisor of support', 'account=wkSupport')).toBe(403);
    // Two names in one question do not lead past the check of one of them.
    expect(await status('figures', 'supervisor of support', 'team=support&account=wkSales')).toBe(400);
    expect(await status('figures', 'supervisor of support', 'team=sales&team=support')).toBe(403);
  });
});
