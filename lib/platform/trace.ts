import { createHash, randomBytes } from 'node:crypto';
import { recordScope } from './log.ts';

/**
 * A trace: 32 hexadecimal digits that lead from a callback to everything that came of it, in log lines (`trace`), queue messages and
 * events. Made by the gateway or by chance, never of what a customer is or said.
 */
const TRACE = /^[0-9a-f]{32}$/;

/** The digits that API Gateway and X-Ray call `Root=1-{8}-{24}`; undefined where there are none. */
export function traceOfHeader(header: string | undefined): string | undefined {
  const root = /(?:^|;)Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/.exec(header ?? '');
  return root ? `${root[1]}${root[2]}` : undefined;
}

export const newTrace = (): string => randomBytes(16).toString('hex');

/** What is being handled belongs to this trace; undefined outside of a record. */
export const currentTrace = (): string | undefined => recordScope.getStore()?.trace;

/** The attribute that hands the trace on with a queue message; nothing without one. */
export function traceAttribute() {
  const trace = currentTrace();
  return trace === undefined ? {} : { MessageAttributes: { trace: { DataType: 'String', StringValue: trace } } };
}

/** The trace that a queue message came with, or a new one. */
export function traceOfRecord(record: {
  readonly messageAttributes?: { readonly [name: string]: { readonly stringValue?: string | undefined } | undefined };
}): string {
  const given = record.messageAttributes?.trace?.stringValue;
  return given !== undefined && TRACE.test(given) ? given : newTrace();
}

/**
 * W3C Trace Context's form, in which events have it. The span is the event itself, so that telling it again within one trace says the
 * same. https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceparent(trace: string, eventId: string): string {
  return `00-${trace}-${createHash('sha256').update(eventId).digest('hex').slice(0, 16)}-00`;
}
