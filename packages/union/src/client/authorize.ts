import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, type Interceptor, type StreamRequest, type StreamResponse } from "@connectrpc/connect";
import { codeOf } from "./faults.ts";

/** A header and its value. */
export type Header = readonly [name: string, value: string];

/** Lends the headers that say who asks. */
export type Authority = Readonly<{
  /** Empty: nobody signed in yet. */
  headers(signal: AbortSignal): Promise<readonly Header[]>;
  /** Signs in anew after the server refused what was `sent`, once for all who ask at the same time. */
  renew(sent: readonly Header[], signal: AbortSignal): Promise<void>;
}>;

type Next = Parameters<Interceptor>[0];
type Request = Parameters<Next>[0];

async function lend(authority: Authority, { header, signal }: Request): Promise<readonly Header[]> {
  const sent = await authority.headers(signal);
  for (const [name, value] of sent) header.set(name, value);
  return sent;
}

async function renew(authority: Authority, sent: readonly Header[], request: Request): Promise<void> {
  await authority.renew(sent, request.signal);
  for (const [name] of sent) request.header.delete(name);
  await lend(authority, request);
}

async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

async function* replay<T>(messages: readonly T[]): AsyncIterable<T> {
  yield* messages;
}

type Messages = AsyncIterable<MessageShape<DescMessage>>;

/** A stream that is refused says so where its first message would be. */
async function* renewable(first: Messages, again: () => Promise<Messages>): Messages {
  let isStarted = false;
  try {
    for await (const message of first) {
      isStarted = true;
      yield message;
    }
    return;
  } catch (error) {
    if (isStarted || codeOf(error) !== Code.Unauthenticated) throw error;
  }
  yield* await again();
}

async function authorizeStream(
  request: StreamRequest,
  next: Next,
  authority: Authority,
): Promise<StreamResponse> {
  const messages = await collect(request.message);
  const send = async (): Promise<StreamResponse> =>
    (await next({ ...request, message: replay(messages) })) as StreamResponse;
  const sent = await lend(authority, request);
  const response = await send();
  const again = async (): Promise<Messages> => {
    await renew(authority, sent, request);
    return (await send()).message;
  };
  return { ...response, message: renewable(response.message, again) };
}

/** The first call goes out as it is; who is refused signs in and asks once more. Streams have one message to send. */
export function authorize(authority: Authority): Interceptor {
  return (next) => async (request) => {
    if (request.stream) return authorizeStream(request, next, authority);
    const sent = await lend(authority, request);
    try {
      return await next(request);
    } catch (error) {
      if (codeOf(error) !== Code.Unauthenticated) throw error;
      await renew(authority, sent, request);
      return next(request);
    }
  };
}
