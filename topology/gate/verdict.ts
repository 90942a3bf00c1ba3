/**
 * What the gate decides about an event. Every event gets exactly one verdict, so that for each partition
 * received = applied + duplicate + late + rejected.
 */
export type Verdict =
  | { readonly outcome: 'applied' }
  | { readonly outcome: 'rejected' | 'duplicate' | 'late'; readonly reason: string };

export type Outcome = Verdict['outcome'];
