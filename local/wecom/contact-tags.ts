import type { Tag, TagGroup } from './contact-book.ts';
import type { World } from './world.ts';

export function tagOf(world: World, id: string): { group: TagGroup; tag: Tag } | undefined {
  for (const group of world.contacts.tagGroups.values()) {
    const tag = group.tags.find((one) => one.id === id);
    if (tag !== undefined) return { group, tag };
  }
  return undefined;
}
