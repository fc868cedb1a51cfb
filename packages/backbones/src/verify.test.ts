import { readdirSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { device, readSafetensors, type Tensor, tensor, writeSafetensors } from '@ocelli/ops';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBackbone } from './verify.js';

const fixtures = fileURLToPath(new URL('../test/fixtures', import.meta.url));
const cases = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(fixtures, name))
      .filter((file) => /^fixture.*\.safetensors$/.test(file))
      .map((file) => [name, file] as const),
  );

describe('verifyBackbone', () => {
  it.each(cases)('%s computes what transformers computes (%s)', async (name, file) => {
    const path = join(fixtures, name, file);
    const rows = await verifyBackbone(join(fixtures, name), path);
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    const isInput =
      /^((decoder_)?(input_ids|attention_mask)|labels|pixel_values|input_values|input_features)$/;
    const expected = [...readSafetensors(path).tensors.keys()].filter(
      (tensorName) => !isInput.test(tensorName),
    );
    expect(rows.map((row) => row.name).sort()).toEqual(expected.sort());
  });

  describe('of a changed fixture', () => {
    const checkpoint = join(fixtures, 'opt-pre-norm');
    const original = join(checkpoint, 'fixture.safetensors');
    let folder: string;
    let path: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ocelli-verify-'));
      path = join(folder, 'fixture.safetensors');
    });
    afterAll(() => rm(folder, { recursive: true }));

    /** The fixture with these tensors in place of its own; null leaves one out. */
    async function rewrite(changes: Record<string, Tensor | null>): Promise<void> {
      const source = readSafetensors(original);
      const tensors = new Map<string, Tensor>(
        [...source.tensors.keys()].map((name) => [name, source.load(name)]),
      );
      // Nothing is left to the garbage collector: it would free it while memory is being counted.
      for (const [name, value] of Object.entries(changes)) {
        tensors.get(name)?.dispose();
        if (value) tensors.set(name, value);
        else tensors.delete(name);
      }
      await writeSafetensors(path, tensors);
      for (const written of tensors.values()) written.dispose();
    }

    async function changed(name: string, change: (data: Float32Array) => void): Promise<Tensor> {
      using loaded = readSafetensors(original).load(name);
      const data = await loaded.data();
      change(data);
      return tensor(data, loaded.shape);
    }

    it('reports the tensor that differs, and only that one', async () => {
      using logits = readSafetensors(original).load('logits');
      const scale = Math.max(...(await logits.data()).map(Math.abs));
      await rewrite({
        logits: await changed('logits', (data) => {
          data[3]! += 0.01 * scale;
        }),
      });
      const rows = await verifyBackbone(checkpoint, path);
      const wrong = rows.filter(({ ok }) => !ok);
      expect(wrong.map(({ name }) => name)).toEqual(['logits']);
      expect(wrong[0]!.relativeError).toBeCloseTo(0.01, 3);
      const tolerant = await verifyBackbone(checkpoint, path, { tolerance: 0.02 });
      expect(tolerant.every(({ ok }) => ok)).toBe(true);
    });

    it('does not look at padding', async () => {
      using maskTensor = readSafetensors(original).load('attention_mask');
      const mask = await maskTensor.data<'int32'>();
      const padded = mask.indexOf(0);
      expect(padded).toBeGreaterThan(0);
      await rewrite({
        logits: await changed('logits', (data) => {
          data[(padded * data.length) / mask.length] = 1e6;
        }),
      });
      expect((await verifyBackbone(checkpoint, path)).every(({ ok }) => ok)).toBe(true);
    });

    it('never accepts NaN', async () => {
      await rewrite({ logits: await changed('logits', (data) => data.fill(Number.NaN, 0, 1)) });
      const rows = await verifyBackbone(checkpoint, path);
      expect(rows.find(({ name }) => name === 'logits')).toMatchObject({
        relativeError: Number.NaN,
        ok: false,
      });
    });

    it('says what is missing, unknown or of another shape', async () => {
      await rewrite({ input_ids: null });
      await expect(verifyBackbone(checkpoint, path)).rejects.toThrow(
        /\[verify\] .* has no input_ids, which this checkpoint needs/,
      );
      await rewrite({ labels: null });
      await expect(verifyBackbone(checkpoint, path)).rejects.toThrow(/has no labels/);
      await rewrite({ attentions: tensor([1]) });
      await expect(verifyBackbone(checkpoint, path)).rejects.toThrow(
        /expects attentions, which is not among hidden_states.0, /,
      );
      await rewrite({ loss: tensor([1, 2]) });
      await expect(verifyBackbone(checkpoint, path)).rejects.toThrow(
        /expects loss of shape \[2\], the model gives \[\]/,
      );
      await expect(verifyBackbone(join(fixtures, 'vit-huggingface'), path)).rejects.toThrow(
        /has no pixel_values/,
      );
      const empty = join(folder, 'empty.safetensors');
      using ids = tensor(new Int32Array([2, 5]), [1, 2]);
      await writeSafetensors(empty, new Map([['input_ids', ids]]));
      await expect(verifyBackbone(checkpoint, empty)).rejects.toThrow(/holds no expected tensor/);
    });

    it('leaves no memory behind', async () => {
      await verifyBackbone(checkpoint, original);
      const before = device.memory().allocated;
      await verifyBackbone(checkpoint, original);
      await verifyBackbone(
        join(fixtures, 'vit-huggingface'),
        join(fixtures, 'vit-huggingface', 'fixture.safetensors'),
      );
      expect(device.memory().allocated).toBe(before);
    });

    it('fails for a damaged checkpoint', async () => {
      const copy = join(folder, 'checkpoint');
      await cp(checkpoint, copy, { recursive: true });
      const source = readSafetensors(join(copy, 'model.safetensors'));
      const tensors = new Map<string, Tensor>(
        [...source.tensors.keys()].map((name) => [name, source.load(name)]),
      );
      const name = [...tensors.keys()].find((key) => key.includes('layers.1.fc1.weight'))!;
      const weight = await tensors.get(name)!.data();
      for (let i = 0; i < weight.length; i++) weight[i]! *= 1.01;
      tensors.set(name, tensor(weight, tensors.get(name)!.shape));
      await writeSafetensors(join(copy, 'model.safetensors'), tensors);
      const rows = await verifyBackbone(copy, original);
      const ok = (row: string) => rows.find((entry) => entry.name === row)!.ok;
      expect([ok('hidden_states.0'), ok('hidden_states.1'), ok('logits')]).toEqual([true, true, false]);
    });
  });
});
