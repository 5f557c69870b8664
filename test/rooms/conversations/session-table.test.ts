import { expect, test } from '@jest/globals';
import { BEFORE, HAPPENS, playRow } from '../../support/session-rows.ts';

/**
 * Every state of a session, with everything that can happen to it: what WeCom answers, and how the session ends there. `API` is
 * kf/service_state/trans asked for past our own state, as another program with the app's token would; 95016, 95014, 95018 and 95019 are
 * WeCom's errcodes, `not possible` is what its client does not offer, and `ok` that nothing was refused. In the end our state is WeCom's, whoever holds a place serves,
 * and nothing is left to be done. `unseen`: WeCom tells nobody of it; our state is WeCom's again with the customer's next message.
 */
const TABLE = `
entered only
  we write                                95018         ended
  API: to 0                               95016         ended
  API: to 1                               95016         ended
  API: to 2                               95016         ended
  API: to 3, cid                          95016         ended
  API: to 4                               95016         ended
  we give it to cid                       ok            ended
  we give it to cid, no servicer here     ok            ended
  we give it to cid, who stopped          ok            ended
  we end it                               ok            ended
  amy writes                              not possible  ended
  ben writes                              not possible  ended
  ben takes it                            not possible  ended
  amy passes it to ben                    not possible  ended
  amy ends it                             not possible  ended
  the customer opens the chat             ok            ended
  the customer asks what the bot knows    ok            bot
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended
new, nobody spoke
  we write                                ok            bot
  API: to 0                               95016         new
  API: to 1                               95016         new
  API: to 2                               ok            pool · unseen
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               95016         new
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         person amy
  we give it to cid, who stopped          95019         person amy
  we end it                               ok            new
  amy writes                              not possible  new
  ben writes                              not possible  new
  ben takes it                            not possible  new
  amy passes it to ben                    not possible  new
  amy ends it                             not possible  new
  the customer opens the chat             ok            new
  the customer asks what the bot knows    ok            bot
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended · unseen
bot, answered
  we write                                ok            bot
  API: to 0                               95016         bot
  API: to 1                               95016         bot
  API: to 2                               ok            pool · unseen
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               95016         bot
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         person amy
  we give it to cid, who stopped          95019         person amy
  we end it                               ok            bot
  amy writes                              not possible  bot
  ben writes                              not possible  bot
  ben takes it                            not possible  bot
  amy passes it to ben                    not possible  bot
  amy ends it                             not possible  bot
  the customer opens the chat             ok            bot
  the customer asks what the bot knows    ok            bot
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended · unseen
bot, in line
  we write                                ok            bot
  API: to 0                               95016         bot
  API: to 1                               95016         bot
  API: to 2                               ok            pool · unseen
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               95016         bot
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         bot
  we give it to cid, who stopped          95019         bot
  we end it                               ok            bot
  amy writes                              not possible  bot
  ben writes                              not possible  bot
  ben takes it                            not possible  bot
  amy passes it to ben                    not possible  bot
  amy ends it                             not possible  bot
  the customer opens the chat             ok            bot
  the customer asks what the bot knows    ok            bot
  the customer asks for a person          ok            bot
  48 hours pass                           ok            ended
pool, in line
  we write                                95018         pool
  API: to 0                               95016         pool
  API: to 1                               95016         pool
  API: to 2                               95016         pool
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               95016         pool
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         pool
  we give it to cid, who stopped          95019         pool
  we end it                               ok            pool
  amy writes                              not possible  pool
  ben writes                              not possible  pool
  ben takes it                            ok            person ben
  amy passes it to ben                    not possible  pool
  amy ends it                             not possible  pool
  the customer opens the chat             ok            pool
  the customer asks what the bot knows    ok            pool
  the customer asks for a person          ok            pool
  48 hours pass                           ok            ended
person, not answered
  we write                                95018         person amy
  API: to 0                               95016         person amy
  API: to 1                               95016         person amy
  API: to 2                               95016         person amy
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               ok            ended · unseen
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         person ben
  we give it to cid, who stopped          95019         person ben
  we end it                               ok            ended
  amy writes                              ok            person amy
  ben writes                              ok            person ben
  ben takes it                            not possible  person amy
  amy passes it to ben                    ok            person ben
  amy ends it                             ok            ended
  the customer opens the chat             ok            person amy
  the customer asks what the bot knows    ok            person amy
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended
person, offer expired
  we write                                95018         person amy
  API: to 0                               95016         person amy
  API: to 1                               95016         person amy
  API: to 2                               95016         person amy
  API: to 3, cid                          ok            person cid · unseen
  API: to 4                               ok            ended · unseen
  we give it to cid                       ok            person cid
  we give it to cid, no servicer here     95014         person amy
  we give it to cid, who stopped          95019         person amy
  we end it                               ok            ended
  amy writes                              ok            person amy
  ben writes                              ok            person ben
  ben takes it                            not possible  person amy
  amy passes it to ben                    ok            person ben
  amy ends it                             ok            ended
  the customer opens the chat             ok            person amy
  the customer asks what the bot knows    ok            person amy
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended
ended
  we write                                95018         ended
  API: to 0                               95016         ended
  API: to 1                               95016         ended
  API: to 2                               95016         ended
  API: to 3, cid                          95016         ended
  API: to 4                               95016         ended
  we give it to cid                       ok            ended
  we give it to cid, no servicer here     ok            ended
  we give it to cid, who stopped          ok            ended
  we end it                               ok            ended
  amy writes                              ok            person amy
  ben writes                              ok            person ben
  ben takes it                            not possible  ended
  amy passes it to ben                    not possible  ended
  amy ends it                             not possible  ended
  the customer opens the chat             ok            ended
  the customer asks what the bot knows    ok            bot
  the customer asks for a person          ok            person amy
  48 hours pass                           ok            ended
`;

interface Row {
  readonly before: string;
  readonly happens: string;
  readonly answer: string;
  readonly ends: string;
  readonly unseen: boolean;
}

function rowsOf(table: string): Row[] {
  const rows: Row[] = [];
  let before = '';
  for (const line of table.split('\n').filter((one) => one !== '')) {
    if (!line.startsWith(' ')) {
      before = line;
      continue;
    }
    const [happens = '', answer = '', rest = ''] = line.trim().split(/ {2,}/);
    const [ends = '', unseen] = rest.split(' · ');
    rows.push({ before, happens, answer, ends, unseen: unseen !== undefined });
  }
  return rows;
}

const ROWS = rowsOf(TABLE);

test.each(ROWS)('$before: $happens', async ({ before, happens, answer, ends, unseen }) => {
  const row = await playRow(before, happens);
  expect({ answer: row.answer, ends: row.ends, unseen: row.wrong.length > 0 }).toEqual({ answer, ends, unseen });
  if (!unseen) expect(row.wrong).toEqual([]);
  expect(row.wrongLater).toEqual([]);
});

test('the table has a row for every state and everything that can happen', () => {
  const pairs = Object.keys(BEFORE).flatMap((before) => Object.keys(HAPPENS).map((happens) => `${before}: ${happens}`));
  expect(ROWS.map(({ before, happens }) => `${before}: ${happens}`).sort()).toEqual(pairs.sort());
});
