import * as z from 'zod';
import type { WeComApi } from './api.ts';

/**
 * Who is a servicer (接待人员) of a customer service account, changed by WeCom's server API one person at a time, so that WeCom's answer
 * is about that person. What the calls throw, says `WeComApi`.
 * https://developer.work.weixin.qq.com/document/path/94646 (add), 94647 (del)
 */
export interface ServicerApi {
  /**
   * WeCom: kf/servicer/add. What `result_list` says of him: 0 also where he is one already, -1 where WeCom says nothing of him. He has to
   * be in the app's visible range.
   */
  addServicer(openKfId: string, agentId: string): Promise<{ errcode: number }>;
  /** WeCom: kf/servicer/del, as `addServicer`. */
  removeServicer(openKfId: string, agentId: string): Promise<{ errcode: number }>;
}

const Results = z.object({
  result_list: z.array(z.object({ userid: z.string().optional(), errcode: z.number() })).nullish(),
});

export function servicerApi(api: WeComApi, app: string): ServicerApi {
  async function change(how: 'add' | 'del', openKfId: string, agentId: string): Promise<{ errcode: number }> {
    const body = { open_kfid: openKfId, userid_list: [agentId] };
    const { result_list } = await api.call(app, `kf/servicer/${how}`, body, Results);
    // The errcode 0 of the whole can hide the one of the person.
    const result = result_list?.find(({ userid }) => userid?.toLowerCase() === agentId);
    return { errcode: result?.errcode ?? -1 };
  }

  return {
    addServicer: (openKfId, agentId) => change('add', openKfId, agentId),
    removeServicer: (openKfId, agentId) => change('del', openKfId, agentId),
  };
}
