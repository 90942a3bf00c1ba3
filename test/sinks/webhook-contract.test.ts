import { webhookHarness } from './contract/harnesses/webhook.ts';
import { describeSinkContract } from './contract/sink-contract.ts';

describeSinkContract('the webhook sink', webhookHarness);
