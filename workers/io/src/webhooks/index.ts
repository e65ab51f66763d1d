/** Delivery of webhooks and of whatever else is told by HTTP in order. */
export { callwrightRule } from './callwright-rule.ts';
export { type Deliverer, type DelivererParts, webhookDeliverer } from './deliverer.ts';
export { backOff, type DeliveryRule, type Verdict } from './delivery-rule.ts';
export { isSignedBy, REPLAY_WINDOW_SECONDS, SIGNATURE_HEADER, signatureOf } from './signature.ts';
