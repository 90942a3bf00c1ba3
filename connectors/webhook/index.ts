export type { ResolveHost } from './address-guard.ts';
export type { AlertFilter } from './alert-filter.ts';
export {
  WebhookAddressError,
  WebhookClosedError,
  WebhookGivenUpError,
  WebhookSignatureError,
  WebhookTargetError,
  WebhookUnavailableError,
} from './errors.ts';
export type { WebhookAttempt, WebhookDeadLetter, WebhookEvent, WebhookRetry } from './events.ts';
export type { WebhookSinkOptions } from './options.ts';
export { checkWebhookTarget } from './target.ts';
export { verifyWebhook } from './verify-webhook.ts';
export type { ReceivedWebhook, VerifyOptions } from './verify-webhook.ts';
export { createWebhookSink } from './webhook-sink.ts';
