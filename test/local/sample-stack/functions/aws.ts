import { AwsClient } from 'aws4fetch';

const TARGETS = { dynamodb: 'DynamoDB_20120810', sqs: 'AmazonSQS', events: 'AWSEvents', ssm: 'AmazonSSM' };
export type Service = keyof typeof TARGETS;

const client = new AwsClient({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
  region: process.env.AWS_REGION ?? '',
  retries: 0,
});

/** One call to AWS, without retries, so that a test sees exactly the calls that it asked for. */
export async function callAws(
  service: Service,
  action: string,
  body: object,
): Promise<{ status: number; body: unknown }> {
  const response = await client.fetch(process.env.AWS_ENDPOINT_URL ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${TARGETS[service]}.${action}` },
    body: JSON.stringify(body),
    aws: { service },
  });
  return { status: response.status, body: await response.json() };
}
