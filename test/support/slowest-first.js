import Sequencer from '@jest/test-sequencer';

// What takes long begins first, so that no worker ends with it alone: a fresh checkout knows no times of earlier runs.
const LONG = [
  'journeys/killed-anywhere',
  'journeys/wecom-outage',
  'contract/packaged-template',
  'journeys/poison',
  'journeys/waiting-line',
  'rooms/commands-config',
  'journeys/agents-in-their-client',
  'journeys/aws-faults',
  'rooms/contact-me/company-day',
  'journeys/cut-over',
  'journeys/',
  'rooms/conversations/',
  'local/',
];

const rank = ({ path }) => {
  const found = LONG.findIndex((part) => path.includes(`/test/${part}`));
  return found === -1 ? LONG.length : found;
};

export default class SlowestFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }
}
