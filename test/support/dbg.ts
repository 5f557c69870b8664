import * as fc from 'fast-check';
import { play, story } from '/work/main/test/support/stories-dbg.ts';
const samples = fc.sample(fc.tuple(story, fc.nat()), { numRuns: Number(process.argv[2] ?? 200), seed: Number(process.argv[3] ?? 1) });
const w = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
let n=0, len=0; const bad=[];
for (const [s, seed] of samples) { len += s.length; const p = await play(s, seed); if (p.length) bad.push([p, s]); n++; }
w(`${n} ${len/n} bad ${bad.length}\n${bad.slice(0,3).map(b=>JSON.stringify(b)).join('\n')}\n`);
w(JSON.stringify(globalThis.STATS)+'\n');
