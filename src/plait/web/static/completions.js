// Streams the server's answer to a conversation (POST /v1/chat/completions, compatible with OpenAI).

import { events } from "./events.js";

// An error response of the server, with its message; `after` is the requested wait in seconds.
export class ServerError extends Error {
  constructor({ type = "", message = "", details = [], hint = "", retryable = false }, after = 0) {
    super(message);
    Object.assign(this, { type, details, hint, retryable, after });
  }
}

// Ends without `ServerError` only if the answer is complete; a broken connection throws the browser's error.
export async function* completion(request, signal) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...request, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok) throw await responseError(response);
  for await (const { data } of events(response)) {
    if (data === "[DONE]") return;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ServerError(chunk.error);
    const choice = chunk.choices?.[0];
    yield {
      text: choice?.delta?.content ?? "",
      end: choice?.finish_reason ?? "",
      model: chunk.model ?? "",
      tokens: chunk.usage?.completion_tokens ?? 0,
    };
  }
  throw new TypeError("the stream broke off");
}

async function responseError(response) {
  const after = Number(response.headers.get("retry-after")) || 0;
  try {
    return new ServerError((await response.json()).error, after);
  } catch {
    return new ServerError({ message: `${response.status} ${response.statusText}`, retryable: after > 0 }, after);
  }
}
