import { stringify } from 'yaml';
import type { LibraryFile } from '../media/our-file.ts';
import { type Arrangement, arrangementOf } from './arrangement.ts';
import type { ReadMediaFile } from './media-files.ts';
import { planBusiness } from './plan-business.ts';
import { readBusiness } from './read-business.ts';
import { baseOf } from './stage-base.ts';
import { isEmptyCalendar, writtenBusiness, writtenCalendar } from './written-business.ts';

export interface ExportedBusiness {
  readonly yaml: string;
  /** In which way the file would not leave the stage as it is; empty for nearly every stage. */
  readonly notes: readonly string[];
}

/** What a stage runs with, as a file that applies to it without a change. Where that cannot be, `notes` say what would change. */
export function exportBusiness(current: Arrangement, stage: string): ExportedBusiness {
  const written = writtenBusiness(current);
  // An empty file is refused by whoever reads it, as it would remove everything by mistake.
  const body =
    Object.keys(written).length === 0
      ? 'agents: []\n'
      : stringify(written, { lineWidth: 0, aliasDuplicateObjects: false });
  const notes = [...notesOfCalendar(current), ...notesOfReading(body, current, stage)];
  const head = [
    `环境 ${stage} 的业务配置。 What stage ${stage} runs with.`,
    `base: ${baseOf(current)}`,
    ...(current.media.size > 0
      ? ['media 的文件应放在本文件旁的相应路径。 The files of media have to lie at their paths beside this file.']
      : []),
    ...notes.map((note) => `! ${note}`),
  ];
  return { yaml: `${head.map((line) => `# ${line.replaceAll(/\s+/g, ' ')}\n`).join('')}\n${body}`, notes };
}

function notesOfCalendar(current: Arrangement): string[] {
  if (writtenCalendar(current) || isEmptyCalendar(current.waySettings?.calendar)) return [];
  return ['The stage has a calendar that its opening hours do not use; it is not in the file, and stays as it is.'];
}

/** The file is read as `apply` would read it: what is said of it is found out, not believed. */
function notesOfReading(yaml: string, current: Arrangement, stage: string): string[] {
  const read = readBusiness(yaml, stage, undefined, filesOf(current.media));
  if (!read.ok) return read.problems.map(({ path, problem }) => `apply would refuse the file: ${path}: ${problem}`);
  return planBusiness(current, arrangementOf(read.business)).map(
    ({ kind, id, how, details }) => `apply would change: ${kind} ${id} ${details.join('; ') || how}`,
  );
}

/** What the files hold, as it is known since they were applied. */
function filesOf(media: Arrangement['media']): ReadMediaFile {
  const byFile = new Map([...media.values()].map((one: LibraryFile) => [one.file, one]));
  return (name) => {
    const found = byFile.get(name);
    if (!found) return { problem: `${name} is not in the library`, mend: 'export again' };
    const { id: _, file: __, ...facts } = found;
    return facts;
  };
}
