const TOKEN = 'whoever calls WeCom first writes the token, and in the journeys that is another function';

/** What roles allow though no test of the whole stack needs it, as `function action resource`, and why. */
export const EXCUSED_GRANTS: Readonly<Record<string, string>> = {
  'sync-messages dynamodb:GetItem table/routing':
    'of a servicer who left and is in no team, the team of a customer’s account is told',
  'sync-messages dynamodb:PutItem table/routing': 'tells the team of a servicer whom WeCom’s list lost',
  'greet-contact dynamodb:UpdateItem table/wecom': TOKEN,
  'greet-contact dynamodb:GetItem table/routing':
    'of a member who left and is in no team, the team of a customer’s account is told',
  'rotate-contact-ways sqs:SendMessage rotations.fifo': 'adds that fill a cap wake the other codes that count them',
  'rotate-contact-ways sqs:SendMessage rotations-dead-letters.fifo': 'sets aside news of a code that nobody can read',
  'notify-supervisors sqs:SendMessage notices': 'a brief that WeCom did not take is tried again later',
  'show-cards dynamodb:UpdateItem table/wecom': TOKEN,
  'fire-timers sqs:SendMessage assignments.fifo':
    'a team’s timer is due after the journeys’ end, or the sweep was first',
  'keep-media sqs:SendMessage media': 'a file that WeCom could not give is asked for again later',
};
