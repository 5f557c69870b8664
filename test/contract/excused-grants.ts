const TOKEN = 'whoever calls WeCom first writes the token, and in the journeys that is another function';

/** What roles allow though no test of the whole stack needs it, as `function action resource`, and why. */
export const EXCUSED_GRANTS: Readonly<Record<string, string>> = {
  'sync-messages dynamodb:GetItem table/routing': 'an agent’s place that is recorded again after a crash is read first',
  'sync-messages dynamodb:PutItem table/routing': 'tells the team of a servicer whom WeCom’s list lost',
  'route-message dynamodb:UpdateItem table/replies':
    'counts the uses of quick replies, which the journeys’ rules name none of',
  'greet-contact dynamodb:UpdateItem table/wecom': TOKEN,
  'greet-contact dynamodb:DeleteItem table/customers': 'forgets the rows of a customer who was added by a code',
  'greet-contact dynamodb:GetItem table/routing': 'a member who left twice is read before the team is told',
  'rotate-contact-ways sqs:SendMessage rotations.fifo': 'a code with more news than one wake reads wakes itself',
  'rotate-contact-ways sqs:SendMessage rotations-dead-letters.fifo': 'sets aside news of a code that nobody can read',
  'notify-supervisors sqs:SendMessage notices': 'a brief that WeCom did not take is tried again later',
  'show-cards dynamodb:UpdateItem table/wecom': TOKEN,
  'fire-timers sqs:SendMessage assignments.fifo':
    'a team’s timer is due after the journeys’ end, or the sweep was first',
  'admin-api dynamodb:DeleteItem table/replies': 'no journey removes a quick reply; its door’s test does',
  'keep-media sqs:SendMessage media': 'a file that WeCom could not give is asked for again later',
};
