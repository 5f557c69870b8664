import type { Words } from './finding.ts';

/** A step of the way from a verified corp to a live account: where it is done in WeCom's consoles (menu names move), and how. */
export interface SetupStep {
  readonly title: Words;
  readonly mend: Words;
}

const step = (zhTitle: string, enTitle: string, zh: string, en: string): SetupStep => ({
  title: { zh: zhTitle, en: enTitle },
  mend: { zh, en },
});

/** By number: the rows of the first-deployment runbook. */
export const STEPS: readonly SetupStep[] = [
  step(
    '准备：企业认证、域名备案、成员激活与实名',
    'before: corp verified, domain filed, members activated and real-name verified',
    '完成企业认证；域名的 ICP 备案主体为本企业或其关联企业；请成员激活企业微信并完成实名认证',
    'have the corp verified (认证), the domain filed (ICP) for the corp or a related one, and let the members activate WeCom and verify their real names',
  ),
  step(
    '我的企业 → 企业信息 → 企业ID',
    'the corp id',
    '从“我的企业 → 企业信息”重新复制企业ID，写入凭证 JSON 的 corpId',
    'copy 企业ID again from 我的企业 → 企业信息 into corpId of the secrets',
  ),
  step(
    'Token、EncodingAESKey 与部署',
    'Token, EncodingAESKey and the deployment',
    'Token 为 1–32 位字母数字，EncodingAESKey 为 43 位；写入凭证后重新部署，并确认回调地址可从公网访问',
    'make a Token of 1 to 32 letters and digits and an EncodingAESKey of 43, store them, deploy, and see that the callback address is reached from the internet',
  ),
  step(
    '应用的可见范围',
    'the app’s visible range',
    '应用管理 → 应用 → 自建应用 → 可见范围：加入接待人员、联系我成员和主管',
    '应用管理 → 应用 → the app → 可见范围: add the servicers, the Contact Me members and the supervisors',
  ),
  step(
    '应用的 AgentId 与 Secret',
    'the app’s AgentId and Secret',
    '应用页面 → AgentId；Secret → 查看 → 发送，在管理员手机端读取，写入凭证 JSON',
    'the app’s page → AgentId; Secret → 查看 → 发送, read it on the administrator’s phone, and put both into the secrets',
  ),
  step(
    '接收消息服务器与“外部联系人变更回调”',
    'the app’s callback address and the box for contact events',
    '应用页面 → 接收消息 → 设置API接收：填写 URL、Token、EncodingAESKey，勾选“外部联系人变更回调”，保存',
    'the app’s page → 接收消息 → 设置API接收: URL, Token and key, tick 外部联系人变更回调, save',
  ),
  step(
    '企业可信IP',
    'trusted addresses',
    '应用页面 → 企业可信IP：填写全部出口地址，用“;”分隔，约一分钟后生效',
    'the app’s page → 企业可信IP: every outgoing address, with ; between; it works after about a minute',
  ),
  step(
    '可信域名',
    'the trusted domain',
    '应用页面 → 网页授权及JS-SDK → 可信域名，根目录放置 WW_verify_*.txt；企业微信授权登录 → Web 回调域',
    'the app’s page → 网页授权及JS-SDK → 可信域名, with WW_verify_*.txt served at the root; 企业微信授权登录 → Web 回调域',
  ),
  step(
    '微信客服账号与接待人员',
    'customer service accounts and servicers',
    '应用管理 → 微信客服：启用，添加客服账号，逐个添加接待人员（不要按部门）',
    '应用管理 → 微信客服: enable, 添加客服账号, 接待人员 one by one, not by department',
  ),
  step(
    '微信客服 → 可调用接口的应用',
    'the app may call the customer service API',
    '微信客服 → API → 可调用接口的应用：选择本应用；若已由第三方或独立后台使用，先在那里解除',
    '微信客服 → API → 可调用接口的应用: choose the app; where a third party or the standalone console has the service, release it there first',
  ),
  step(
    '可管理的客服账号',
    'accounts that the app manages',
    '微信客服 → API → 通过API管理微信客服账号 → 企业内部开发 → 本应用 → 勾选可管理的客服账号',
    '微信客服 → API → 通过API管理微信客服账号 → 企业内部开发 → the app → tick the account under 可管理的客服账号',
  ),
  step(
    '微信客服的回调设置',
    'the callback of customer service',
    '同一页面 → 回调设置：填写自己的 URL、Token、EncodingAESKey 并保存；同时检查应用的接收消息服务器',
    'the same page → 回调设置: URL, Token and key of its own, save; and look at the app’s 接收消息, too',
  ),
  step(
    '接待人员登录并接待',
    'servicers log in and receive',
    '请每位接待人员登录企业微信一次，并在“微信客服”中设为“接待中”',
    'let each servicer log in to WeCom once, and set 微信客服 → 接待中',
  ),
  step(
    '客户联系权限',
    'customer contact permission',
    '客户联系 → 权限配置：加入成员；客户联系 → API → 可调用接口的应用：选择本应用；再检查第 5 步的勾选',
    '客户联系 → 权限配置: the members; 客户联系 → API → 可调用接口的应用: the app; and look at the box of step 5 again',
  ),
  step(
    '欢迎语',
    'no other welcome message',
    '客户联系 → 欢迎语：这些成员不要设置后台欢迎语，也不要让其他应用发送欢迎语',
    '客户联系 → 欢迎语: none for these members, and no other app that sends one',
  ),
  step(
    '可选：绑定微信开发者ID',
    'optional: union ids',
    '微信客服 → API → 绑定微信开发者ID，之后才有 unionid',
    '微信客服 → API → 微信开发者ID: bind it; union ids are there from then on',
  ),
  step(
    '可选：获客助手',
    'optional: acquisition links',
    '客户联系 → 获客助手 → 可调用接口的应用：选择本应用，并确认额度',
    '客户联系 → 获客助手 → 可调用接口的应用: choose the app, and see that there is quota',
  ),
  step(
    '可选：通讯录同步',
    'optional: directory helper',
    '管理工具 → 通讯录同步 → 设置接收事件服务器：自己的 URL 与密钥，作为带 secretOf 的来源写入凭证',
    '管理工具 → 通讯录同步 → 接收事件服务器: a URL and key of its own, in the secrets as a source with secretOf',
  ),
  step(
    '应用业务配置并验证',
    'the configuration, and a first message',
    '运行 npm run config -- apply FILE --stage S，再运行 npm run ops -- doctor --probe',
    'npm run config -- apply FILE --stage S, then npm run ops -- doctor --probe',
  ),
  step(
    '接管正在使用的账号',
    'adopting a live account',
    '先运行 npm run ops -- observe 与 npm run ops -- adopt 账号，再进行第 10 步',
    'npm run ops -- observe and npm run ops -- adopt ACCOUNT before step 10 for it',
  ),
];

const LOST: SetupStep = { title: { zh: '', en: '' }, mend: { zh: '', en: '' } };

/** The step with this number. */
export const stepOf = (number: number): SetupStep => STEPS[number] ?? LOST;
