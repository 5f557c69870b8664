import { adding, attribute, type Change, changing, ofType, ref, sub, type Template } from './template.ts';

/**
 * A key of the account's own for tables, queues and files. Whoever may use those may use the key through them, as with the
 * keys that AWS keeps, so no role needs more than before; who reads the disk or another account gets nothing.
 */
export function ownKey(wanted: boolean, isKept: boolean): Change {
  return (template) => (wanted ? withKey(isKept).reduce((changed, change) => change(changed), template) : template);
}

function withKey(isKept: boolean): Change[] {
  const policy = isKept ? 'Retain' : 'Delete';
  return [
    changing('AWS::DynamoDB::Table', () => ({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: attribute('DataKey', 'Arn') },
    })),
    changing('AWS::SQS::Queue', () => ({
      SqsManagedSseEnabled: false,
      KmsMasterKeyId: attribute('DataKey', 'Arn'),
      KmsDataKeyReusePeriodSeconds: 3600,
    })),
    (template) => ({ ...template, Resources: { ...template.Resources, ...encryptedBucket(template) } }),
    adding({
      Resources: {
        DataKey: {
          Type: 'AWS::KMS::Key',
          DeletionPolicy: policy,
          UpdateReplacePolicy: policy,
          Properties: {
            Description: sub(`Tables, queues and files of \${AWS::StackName}.`),
            EnableKeyRotation: true,
            KeyPolicy: { Version: '2012-10-17', Statement: STATEMENTS },
          },
        },
      },
      Outputs: {
        DataKeyArn: { Description: 'The key of tables, queues and files.', Value: attribute('DataKey', 'Arn') },
      },
    }),
  ];
}

const USE = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncrypt*',
  'kms:GenerateDataKey*',
  'kms:CreateGrant',
  'kms:DescribeKey',
];

const STATEMENTS = [
  {
    Sid: 'AdministeredByTheAccount',
    Effect: 'Allow',
    Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`) },
    Action: 'kms:*',
    Resource: '*',
  },
  {
    Sid: 'UsedThroughTheServices',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: USE,
    Resource: '*',
    Condition: {
      StringEquals: { 'kms:CallerAccount': ref('AWS::AccountId') },
      // Without the rest of the host, which is another one in China.
      StringLike: { 'kms:ViaService': ['dynamodb.*', 'sqs.*', 's3.*'] },
    },
  },
  {
    Sid: 'TheBusWritesToQueues',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
  },
];

/** The framework's own bucket holds code, no customer's data, and exists before the key. */
function encryptedBucket(template: Template): Template['Resources'] {
  const ours = ofType(template, 'AWS::S3::Bucket').filter(([id]) => id !== 'ServerlessDeploymentBucket');
  const BucketEncryption = {
    ServerSideEncryptionConfiguration: [
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: attribute('DataKey', 'Arn') },
      },
    ],
  };
  return Object.fromEntries(
    ours.map(([id, one]) => [id, { ...one, Properties: { ...one.Properties, BucketEncryption } }]),
  );
}
