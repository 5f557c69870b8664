import { expect, test } from '@jest/globals';
import { readBusinessFile } from '../../commands/read-file.ts';
import { arrangementOf } from '../../lib/configuration/arrangement.ts';

test('the sample of pictures, links and mini programs can be applied as it is', async () => {
  const { business, warnings } = await readBusinessFile('config/sample-pictures.yml');
  expect(warnings).toEqual([]);
  expect(business.media).toMatchObject([{ id: 'map', format: 'png', name: '到店路线.png' }]);
  const { ruleSets } = arrangementOf(business);
  const said = ruleSets.get('*')?.rules.flatMap(({ reply, replies = [] }) => [...(reply ? [reply] : []), ...replies]);
  expect(said?.map((one) => Object.keys(one)[0])).toEqual(['image', 'text', 'link', 'miniProgram']);
});
