/** A call that a function made to the outside: AWS or WeCom. */
export interface OutsideCall {
  /** 1 for the stack's first call, then counting. */
  readonly n: number;
  /** The function's name in serverless.yml. */
  readonly function: string;
  /** Which of the function's environments made it. */
  readonly environment: string;
  /** `dynamodb`, `sqs`, `events`, `ssm`, `secretsmanager`, `s3`, `wecom`. */
  readonly service: string;
  /** `PutItem`; for WeCom the path, `/cgi-bin/kf/send_msg`. */
  readonly action: string;
  /** The body, if it is JSON; of S3 the bucket and the key. */
  readonly request: unknown;
  /** When the call came, by the stack's clock (milliseconds since 1970). */
  readonly at: number;
  /** How long it took (milliseconds), once it is over. */
  ms?: number;
  outcome: CallOutcome;
  /** The answer's HTTP status, if there was an answer. */
  status?: number;
  /** The name of the error in an answer of AWS. */
  error?: string;
}

/**
 * How a call went. `answered` says nothing about the status; `denied`: the function's role does not allow it;
 * `unreachable`: nobody listens where it should have gone.
 */
export type CallOutcome =
  | 'under way'
  | 'answered'
  | 'refused'
  | 'answer lost'
  | 'killed before'
  | 'killed after'
  | 'denied'
  | 'unreachable';
