/** What a test or a tool may say about an AWS client. A deployed function says nothing: the SDK reads its environment. */
export interface ClientAccess {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How often a call is tried in all. 1 turns the SDK's own repetition off, for a call whose repeat would count twice. */
  readonly attempts?: number;
  /** Within how many milliseconds a call has to be answered; 5000 unless said. */
  readonly answerMs?: number;
}

/**
 * The settings that every AWS client here has in common. Region, credentials and endpoint (`AWS_ENDPOINT_URL`,
 * `AWS_ENDPOINT_URL_<SERVICE>`) come from the environment as the SDK reads it, unless `access` names them. A call may take
 * 1 s to connect and (unless said) 5 s to be answered, so that one lost answer costs a function seconds and not its whole time.
 */
export function awsClientSettings(access: ClientAccess = {}) {
  const { attempts = 3, answerMs = 5000, ...named } = access;
  return {
    ...named,
    maxAttempts: attempts,
    retryMode: 'standard',
    // Without `throwOnRequestTimeout` the SDK only writes a warning and waits on. Connections are kept alive by default.
    requestHandler: { connectionTimeout: 1000, requestTimeout: answerMs, throwOnRequestTimeout: true },
  };
}
