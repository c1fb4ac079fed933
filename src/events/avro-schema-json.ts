import { z } from 'zod';

/** The part of Avro's schema language that event types use: records, enums, arrays, maps, unions and primitives. */
export type AvroJson = string | AvroJson[] | AvroComplex;
export interface AvroField {
  readonly name: string;
  readonly type: AvroJson;
  readonly doc?: string | undefined;
}
export type AvroComplex =
  | {
      readonly type: 'record';
      readonly name: string;
      readonly doc?: string | undefined;
      readonly fields: AvroField[];
    }
  | {
      readonly type: 'enum';
      readonly name: string;
      readonly doc?: string | undefined;
      readonly symbols: string[];
    }
  | { readonly type: 'array'; readonly items: AvroJson }
  | { readonly type: 'map'; readonly values: AvroJson }
  | { readonly type: 'fixed'; readonly name: string; readonly size: number }
  | { readonly type: 'boolean' | 'bytes' | 'double' | 'float' | 'int' | 'long' | 'null' | 'string' };

export const avroJson: z.ZodType<AvroJson> = z.lazy(() =>
  z.union([z.string(), z.array(avroJson), avroComplex]),
);
const doc = z.string().optional();
const avroComplex: z.ZodType<AvroComplex> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('record'),
      name: z.string(),
      doc,
      fields: z.array(z.object({ name: z.string(), type: avroJson, doc })),
    }),
    z.object({ type: z.literal('enum'), name: z.string(), doc, symbols: z.array(z.string()) }),
    z.object({ type: z.literal('array'), items: avroJson }),
    z.object({ type: z.literal('map'), values: avroJson }),
    z.object({ type: z.literal('fixed'), name: z.string(), size: z.number() }),
    z.object({ type: z.enum(['boolean', 'bytes', 'double', 'float', 'int', 'long', 'null', 'string']) }),
  ]),
);
