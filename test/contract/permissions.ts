/** Logical ids of resources, or a part of one, separated by spaces. */
type Resources = string;

const consume = (queue: string): Record<string, Resources> => ({
  'sqs:ReceiveMessage': queue,
  'sqs:DeleteMessage': queue,
  'sqs:GetQueueAttributes': queue,
  'sqs:ChangeMessageVisibility': queue,
});
const readSecrets = { 'ssm:GetParameter': 'secrets' };

/**
 * What each function may do, and to what: the whole of its role but for writing its own log. A change here is a change
 * of who may do what; it is written down by hand so that somebody looks at it.
 */
export const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, Resources>>>> = {
  'receive-callback': {
    'sqs:SendMessage': 'SignalsQueue ContactsQueue',
    ...readSecrets,
  },
  'sync-messages': {
    ...consume('SignalsQueue'),
    'sqs:SendMessage': 'SignalsQueue SignalsDeadLetterQueue ConversationsQueue AssignmentsQueue TimersQueue',
    'dynamodb:GetItem': 'WeComTable RoutingTable',
    'dynamodb:UpdateItem': 'WeComTable RoutingTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:PutItem': 'ConversationsTable RoutingTable',
    ...readSecrets,
  },
  'route-message': {
    ...consume('ConversationsQueue'),
    'sqs:SendMessage': 'ConversationsDeadLetterQueue AssignmentsQueue TimersQueue',
    'dynamodb:GetItem': 'ConversationsTable WeComTable RepliesTable RoutingTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:PutItem': 'ConversationsTable RoutingTable',
    'dynamodb:UpdateItem': 'ConversationsTable WeComTable RoutingTable',
    'dynamodb:Query': 'ConversationsTable/index/unread',
    'events:PutEvents': 'EventBus',
    ...readSecrets,
  },
  'assign-agent': {
    ...consume('AssignmentsQueue'),
    'sqs:SendMessage': 'ConversationsQueue AssignmentsDeadLetterQueue TimersQueue',
    'dynamodb:GetItem': 'RoutingTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:PutItem': 'RoutingTable ConversationsTable',
    'dynamodb:UpdateItem': 'RoutingTable',
    'dynamodb:DeleteItem': 'RoutingTable',
    'dynamodb:Query': 'RoutingTable RoutingTable/index/unread',
    'events:PutEvents': 'EventBus',
  },
  'greet-contact': {
    ...consume('ContactsQueue'),
    'sqs:SendMessage': 'ContactsQueue RotationsQueue TimersQueue AssignmentsQueue',
    'dynamodb:GetItem': 'WeComTable ContactWaysTable CustomersTable RoutingTable',
    'dynamodb:BatchGetItem': 'CustomersTable RoutingTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:PutItem': 'ContactWaysTable CustomersTable RoutingTable',
    'dynamodb:Query': 'ContactWaysTable',
    'events:PutEvents': 'EventBus',
    ...readSecrets,
  },
  'reconcile-contacts': {
    'sqs:SendMessage': 'ContactsQueue RotationsQueue',
    'dynamodb:GetItem': 'WeComTable ContactWaysTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:PutItem': 'ContactWaysTable',
    'dynamodb:Query': 'ContactWaysTable',
    ...readSecrets,
  },
  'rotate-contact-ways': {
    ...consume('RotationsQueue'),
    'sqs:SendMessage': 'RotationsQueue RotationsDeadLetterQueue TimersQueue',
    'dynamodb:GetItem': 'WeComTable ContactWaysTable',
    'dynamodb:UpdateItem': 'WeComTable ContactWaysTable',
    'dynamodb:PutItem': 'ContactWaysTable',
    'dynamodb:Query': 'ContactWaysTable ContactWaysTable/index/unread',
    'events:PutEvents': 'EventBus',
    ...readSecrets,
  },
  'open-contact-way': {
    'dynamodb:GetItem': 'ContactWaysTable',
    'dynamodb:PutItem': 'ContactWaysTable',
    'dynamodb:UpdateItem': 'ContactWaysTable',
    ...readSecrets,
  },
  'notify-supervisors': {
    ...consume('NoticesQueue'),
    'dynamodb:GetItem': 'WeComTable RoutingTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:Query': 'RoutingTable',
    ...readSecrets,
  },
  'fire-timers': {
    ...consume('TimersQueue'),
    'sqs:SendMessage': 'SignalsQueue ConversationsQueue AssignmentsQueue ContactsQueue RotationsQueue TimersQueue',
  },
  sweep: {
    'sqs:SendMessage': 'SignalsQueue ConversationsQueue AssignmentsQueue RotationsQueue NoticesQueue',
    'dynamodb:Query':
      'WeComTable/index/attention ConversationsTable/index/attention RoutingTable/index/attention ContactWaysTable/index/attention',
  },
  'admin-api': {
    'sqs:SendMessage': 'AssignmentsQueue RotationsQueue',
    'dynamodb:GetItem': 'ConversationsTable RoutingTable ContactWaysTable WeComTable RepliesTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:UpdateItem': 'RoutingTable WeComTable',
    'dynamodb:PutItem': 'ContactWaysTable',
    'dynamodb:DeleteItem': 'ContactWaysTable',
    'dynamodb:Query': 'ConversationsTable ConversationsTable/index/timeline RoutingTable ContactWaysTable',
    ...readSecrets,
  },
};
