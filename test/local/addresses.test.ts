import { expect, test } from '@jest/globals';
import { addresses } from '../../local/addresses.ts';

const RUNNING = {
  root: '/home/me/concierge',
  stackUrl: 'http://127.0.0.1:3000',
  awsEndpoint: 'http://127.0.0.1:4000',
  environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4000', AWS_REGION: 'us-east-1' },
  logFile: '.local/functions.log',
};
const planLine = (config?: string) =>
  addresses({ ...RUNNING, config })
    .split('\n')
    .find((line) => line.includes('npm run config'));

test.each([
  [undefined, 'config/sample.yml'],
  ['/home/me/concierge/config/mine.yml', 'config/mine.yml'],
  ['/home/me/shop/a.yml', '/home/me/shop/a.yml'],
  ["/home/me/my shop's/a.yml", "'/home/me/my shop'\\''s/a.yml'"],
])('the line that changes the configuration names the file that was loaded: %s', (config, shown) => {
  expect(planLine(config)).toBe(
    `AWS_ENDPOINT_URL=http://127.0.0.1:4000 AWS_REGION=us-east-1 npm run config -- plan ${shown}`,
  );
});

test('the admin API is named with what it has, and the simulator only where it runs', () => {
  expect(addresses(RUNNING)).toMatch(/^admin {6}http:\/\/127\.0\.0\.1:3000\/admin\/v1\/ .*teams, contact-ways/m);
  expect(addresses(RUNNING)).not.toContain('simulator');
  expect(addresses({ ...RUNNING, simulatorUrl: 'http://127.0.0.1:5000' })).toMatch(/^simulator .*:5000/m);
});
