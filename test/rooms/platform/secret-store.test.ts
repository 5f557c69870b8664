import { expect, test } from '@jest/globals';
import { readSecret, SecretUnreadable } from '../../../lib/platform/secret-store.ts';
import { anAccess, anAws, PATIENT, type Treatment } from './aws-double.ts';

const ok = (body: object): Treatment => ({ status: 200, body: JSON.stringify(body) });

test('JSON is the secret itself, and nobody is asked', async () => {
  expect(await readSecret(' {"corpId":"ww1"}', anAccess('http://127.0.0.1:1/'))).toBe(' {"corpId":"ww1"}');
});

test('a parameter is read and decrypted', async () => {
  await using aws = await anAws(ok({ Parameter: { Name: '/a/b', Value: '{"corpId":"ww1"}' } }));
  expect(await readSecret('ssm:/a/b', aws.access, PATIENT)).toBe('{"corpId":"ww1"}');
  expect(aws.seen).toMatchObject([
    {
      headers: {
        'x-amz-target': 'AmazonSSM.GetParameter',
        'content-type': 'application/x-amz-json-1.1',
        authorization: expect.stringContaining('/cn-north-1/ssm/aws4_request'),
      },
      body: { Name: '/a/b', WithDecryption: true },
    },
  ]);
});

test('a managed secret is read, also by an address with colons', async () => {
  await using aws = await anAws(ok({ SecretString: '{}' }), ok({ SecretString: '{}' }));
  const arn = 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:wecom';
  expect(await readSecret('secretsmanager:stack/wecom', aws.access, PATIENT)).toBe('{}');
  expect(await readSecret(`secretsmanager:${arn}`, aws.access, PATIENT)).toBe('{}');
  expect(aws.seen).toMatchObject([
    { headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' }, body: { SecretId: 'stack/wecom' } },
    { body: { SecretId: arn } },
  ]);
});

test('a first try that fails is followed by a second', async () => {
  await using aws = await anAws('breaks', ok({ SecretString: '{}' }));
  expect(await readSecret('secretsmanager:wecom', aws.access, PATIENT)).toBe('{}');
});

test.each<[string, Treatment, string]>([
  ['the role may not', { status: 400, body: '{"__type":"AccessDeniedException"}' }, 'AccessDeniedException'],
  ['it is not there', { status: 400, body: '{"__type":"ParameterNotFound"}' }, 'ParameterNotFound'],
  ['it holds no text', ok({ Parameter: { Value: 1, Note: 'PRIVATE' } }), 'it holds no text'],
])('the error names the place and the trouble when %s', async (_, trouble, name) => {
  await using aws = await anAws(trouble);
  const reading = readSecret('ssm:/a/b', aws.access, PATIENT);
  await expect(reading).rejects.toThrow(SecretUnreadable);
  await expect(reading).rejects.toThrow(`ssm:/a/b could not be read (${name})`);
  await expect(reading).rejects.not.toThrow('PRIVATE');
});

test.each(['PRIVATE', 'ssm:', 'http://PRIVATE', '"PRIVATE"', ''])(
  'a setting of no known form is refused unquoted: %s',
  async (setting) => {
    const reading = readSecret(setting, anAccess(), PATIENT);
    await expect(reading).rejects.toThrow('neither JSON nor ssm:/name nor secretsmanager:name');
    await expect(reading).rejects.not.toThrow('PRIVATE');
  },
);
