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
    'dynamodb:Query': 'ConversationsTable/index/attention RoutingTable',
    ...readSecrets,
  },
  'route-message': {
    ...consume('ConversationsQueue'),
    'sqs:SendMessage':
      'ConversationsDeadLetterQueue AssignmentsQueue TimersQueue NoticesQueue CardsQueue ModelQueue MediaQueue',
    's3:GetObject': 'MediaBucket/library/*',
    's3:ListBucket': 'MediaBucket',
    'dynamodb:GetItem': 'ConversationsTable WeComTable RepliesTable RoutingTable CustomersTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:PutItem': 'ConversationsTable RoutingTable',
    'dynamodb:UpdateItem': 'ConversationsTable WeComTable RoutingTable RepliesTable',
    'dynamodb:DeleteItem': 'ConversationsTable',
    'dynamodb:Query': 'ConversationsTable ConversationsTable/index/unread',
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
    'dynamodb:DeleteItem': 'CustomersTable',
    'dynamodb:Query': 'ContactWaysTable CustomersTable',
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
    'sqs:SendMessage': 'NoticesQueue',
    'dynamodb:GetItem': 'WeComTable ConversationsTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:Query': 'RoutingTable',
    ...readSecrets,
  },
  'show-cards': {
    ...consume('CardsQueue'),
    'sqs:SendMessage': 'ConversationsQueue CardsQueue',
    'dynamodb:GetItem': 'WeComTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:PutItem': 'ConversationsTable',
    ...readSecrets,
  },
  'fire-timers': {
    ...consume('TimersQueue'),
    'sqs:SendMessage': 'SignalsQueue ConversationsQueue AssignmentsQueue ContactsQueue RotationsQueue TimersQueue',
  },
  sweep: {
    'sqs:SendMessage': 'SignalsQueue ConversationsQueue AssignmentsQueue RotationsQueue NoticesQueue MediaQueue',
    'dynamodb:Query':
      'WeComTable/index/attention ConversationsTable/index/attention RoutingTable/index/attention ContactWaysTable/index/attention',
  },
  'admin-api': {
    'sqs:SendMessage': 'ConversationsQueue AssignmentsQueue RotationsQueue SignalsQueue',
    'dynamodb:GetItem': 'ConversationsTable RoutingTable ContactWaysTable WeComTable RepliesTable AccessTable',
    'dynamodb:BatchGetItem': 'RoutingTable',
    'dynamodb:UpdateItem': 'RoutingTable WeComTable AccessTable',
    'dynamodb:PutItem': 'ConversationsTable ContactWaysTable RepliesTable AccessTable',
    'dynamodb:DeleteItem': 'ContactWaysTable RepliesTable',
    'dynamodb:Query':
      'ConversationsTable ConversationsTable/index/timeline ConversationsTable/index/unread RoutingTable ContactWaysTable RepliesTable AccessTable',
    's3:GetObject': 'MediaBucket/inbound/*',
    ...readSecrets,
  },
  'ask-model': {
    ...consume('ModelQueue'),
    'sqs:SendMessage': 'ConversationsQueue',
    'dynamodb:GetItem': 'ConversationsTable RepliesTable',
    'dynamodb:PutItem': 'ConversationsTable',
    'dynamodb:UpdateItem': 'RepliesTable',
    'dynamodb:Query': 'ConversationsTable/index/timeline RepliesTable',
    'ssm:GetParameter': 'model-secrets',
  },
  'keep-media': {
    ...consume('MediaQueue'),
    'sqs:SendMessage': 'MediaQueue',
    'dynamodb:GetItem': 'WeComTable ConversationsTable',
    'dynamodb:UpdateItem': 'WeComTable ConversationsTable',
    'dynamodb:Query': 'RepliesTable',
    's3:GetObject': 'MediaBucket/library/*',
    's3:ListBucket': 'MediaBucket',
    's3:PutObject': 'MediaBucket/inbound/*',
    's3:DeleteObject': 'MediaBucket/inbound/*',
    ...readSecrets,
  },
  'check-setup': {
    'dynamodb:GetItem': 'WeComTable ConversationsTable ContactWaysTable',
    'dynamodb:UpdateItem': 'WeComTable',
    'dynamodb:BatchGetItem': 'RoutingTable CustomersTable',
    'dynamodb:Query': 'RoutingTable ContactWaysTable CustomersTable',
    ...readSecrets,
  },
  'verify-domain': {},
};
