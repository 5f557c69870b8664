import { departmentsUnder, isVisible, namedMember } from './contact-people.ts';
import { type Department, type Member, memberOf } from './corp.ts';
import type { Call, Endpoints } from './endpoint.ts';
import { type Fields, invalid } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

export const contactDirectoryEndpoints: Endpoints = {
  '/cgi-bin/user/get': { method: 'GET', kf: false, answer: getMember },
  '/cgi-bin/user/simplelist': { method: 'GET', kf: false, answer: listMembers },
  '/cgi-bin/department/list': { method: 'GET', kf: false, answer: listDepartments },
  '/cgi-bin/department/simplelist': { method: 'GET', kf: false, answer: listDepartmentIds },
};

/** WeCom: user/get, without the fields that an app created after June 2022 never gets. */
function getMember(world: World, { app, query }: Call): Fields {
  const userid = query.get('userid') ?? '';
  const leaver = world.corp.members.get(userid.toLowerCase());
  const known = leaver?.left === true && !world.switches.leaversAreUnknown;
  const member = known ? leaver : namedMember(world, app, userid);
  const departments = departmentsOf(world, member);
  return {
    userid: member.userid,
    name: member.name,
    department: departments,
    order: departments.map(() => 0),
    main_department: departments[0] ?? 1,
    is_leader_in_dept: departments.map(() => 0),
    position: '',
    status: statusOf(member),
  };
}

function statusOf(member: Member): 1 | 2 | 4 | 5 {
  if (member.left) return 5;
  if (member.disabled) return 2;
  return member.activated ? 1 : 4;
}

/** WeCom: user/simplelist. Whether `fetch_child` is still heeded is a switch. */
function listMembers(world: World, { app, query }: Call): Fields {
  const asked = departmentIn(world, query, 'department_id');
  if (asked === undefined) throw invalid('department_id');
  if (!isVisible(app, asked)) throw new Refusal(60011);
  const below = query.get('fetch_child') === '1' && world.switches.fetchChild;
  const departments = below ? departmentsUnder(world.corp, asked.id) : [asked];
  const userids = departments.flatMap((one) => one.members);
  const members = new Set(userids.map((userid) => memberOf(world.corp, userid)));
  return {
    userlist: [...members]
      .filter((one) => one !== undefined)
      .filter((one) => isVisible(app, one))
      .map((one) => ({ userid: one.userid, name: one.name, department: departmentsOf(world, one) })),
  };
}

function listDepartments(world: World, call: Call): Fields {
  const cards = visibleDepartments(world, call).map(({ id, name, parentId }) => ({
    id,
    name,
    parentid: parentId,
    order: 0,
    department_leader: [],
  }));
  return { department: cards };
}

function listDepartmentIds(world: World, call: Call): Fields {
  const cards = visibleDepartments(world, call).map(({ id, parentId }) => ({ id, parentid: parentId, order: 0 }));
  return { department_id: cards };
}

function visibleDepartments(world: World, { app, query }: Call): Department[] {
  const asked = departmentIn(world, query, 'id');
  if (asked !== undefined && !isVisible(app, asked)) throw new Refusal(60011);
  const all = asked === undefined ? [...world.corp.departments.values()] : departmentsUnder(world.corp, asked.id);
  return all.filter((one) => isVisible(app, one));
}

/** @throws Refusal 60123 for what is no number, 60003 for no department */
function departmentIn(world: World, query: URLSearchParams, name: string): Department | undefined {
  const id = query.get(name);
  if (id === null || id === '') return undefined;
  if (!/^\d+$/.test(id)) throw new Refusal(60123);
  const department = world.corp.departments.get(Number(id));
  if (department === undefined) throw new Refusal(60003);
  return department;
}

function departmentsOf(world: World, member: Member): number[] {
  const mine = member.userid.toLowerCase();
  return [...world.corp.departments.values()]
    .filter((one) => one.members.some((userid) => userid.toLowerCase() === mine))
    .map((one) => one.id);
}
