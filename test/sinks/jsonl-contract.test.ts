import { jsonlHarness } from './contract/harnesses/jsonl.ts';
import { describeSinkContract } from './contract/sink-contract.ts';

describeSinkContract('the JSONL sink of the guide', jsonlHarness);
