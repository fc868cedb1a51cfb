"""Texts that are hard on tokenizers, and a seeded stream of random ones that TypeScript repeats (test/random-texts.ts)."""

from common import SEED

ZWJ = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"

TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\t \r\n",
    "a",
    " a",
    "a ",
    "  leading and trailing   ",
    "Hello, world! It's 2023; they'll've said: don't.",
    "two  spaces   three    four     five",
    "line\nbreaks\r\nof\rall\n\n\nkinds",
    "tabs\tand\t\tmore",
    "caf\u00e9 cafe\u0301 na\u00efve \u00c5 A\u030a \u212b",
    "combining: e\u0301\u0323\u0308 \u0300alone a\u0300\u0301\u0302\u0303\u0304",
    "\u65e5\u672c\u8a9e\u3068\u4e2d\u6587\u548c\ud55c\uad6d\uc5b4",
    "\u1112\u1161\u11ab \ud55c \u304b\u3099 \u304c \uff76\uff9e",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c \u200fx",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u1019\u103c\u1014\u103a\u1019\u102c",
    "\u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u03a3\u039f\u03a6\u039f\u03a3 \u0130stanbul STRASSE stra\u00dfe",
    "\U0001f426\U0001f3fd " + ZWJ + " \U0001f1e9\U0001f1ea \u2764\ufe0f 1\ufe0f\u20e3",
    "\U0001f600\U0001f600\U0001f600 \U00020000\U0002a6d6 \U0001d4d0\U0001d7d8",
    "control \x00 \x01\x02 \x07 \x1b[0m \x7f \x80 \x85 \x9f end",
    "\x00",
    "\ufeffbyte order mark\ufeff",
    "spaces: \u00a0 \u1680 \u2003 \u2009 \u200b \u2028 \u2029 \u202f \u3000 .",
    "\ufb01ligature \u2460\u2461 \u00bd \u2167 \uff21\uff22\uff23 \u3392 \u00b2 \u2122 \ufdfa \u33a1",
    "\ufffd \ufffe \uffff \U0010ffff \ue000 \u0378",
    "x" * 300,
    "antidisestablishmentarianism" * 8,
    "\u4e00" * 60,
    "https://example.org/a/b?c=d&e=%20#f user@example.org",
    "def f(x):\n    return {'a': [1, 2.5e-3]}  # comment\n",
    "### --- *** ... !!! ??? '' \"\" `` ~~ ^^ __ \\\\ // @@ $$ %% && (()) [[]] {{}} <<>> ||",
    "12345678901234567890 1,000.50 -3 +4 1/2 0x1F",
    "it's I'm you're we've he'd she'll 'tis DON'T rock'n'roll n't 's",
    " 's ' . , ? ! do not  n't 'm",
    "</s>",
    "<s>a</s>",
    "a </s> b",
    "a</s>b<pad></s>",
    "<unk><mask> <mask>x <mask>",
    "  <mask>  a",
    "[CLS] a [SEP] [MASK][PAD] [UNK] [cls]",
    "<|endoftext|> a<|endoftext|>b <|startoftext|>",
    "<|startoftranscript|><|en|> a <|notimestamps|>",
    "<extra_id_0> a<extra_id_1>b <extra_id_99>",
    "<0x0A> <0xFF> <0xZZ>",
    "\u2581 a\u2581b \u2581\u2581c",
    "<special> <custom> custom Custom customs <CUSTOM>",
    " <s> a",
    "<s> <s>  b",
    "\u1e9e\u0149\u01f0\u0390 \u0345 \u1f80 \u0587",
    "\u00ad soft\u00adhyphen \u200d\u200c joiners \u2060",
    "mixed\u65e5\u672cwords42and\U0001f426emoji",
]

WORDS = (
    "a an the of on in is are was and or not no photo picture red green blue small large bird dog cat tree house chair water "
    "What How many color Is there Are 's n't 're I you they don't can't 2023 42 1,000 3.14 ( ) [ ] . , ? ! : ; - _ / \\ \" ' "
    "` ~ @ # $ % ^ & * + = < > | { }"
).split(" ")
SPACES = [" ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\u2028", "\ufeff", "\u200b"]
TOKENS = ["</s>", "<s>", "<pad>", "<unk>", "<mask>", "[CLS]", "[MASK]", "<|endoftext|>", "<|notimestamps|>", "<extra_id_7>", "<0x41>", "\u2581", "<special>", "custom"]
SEQUENCES = [ZWJ, "\U0001f426\U0001f3fd", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "e\u0301", "\u0301", "\u304b\u3099", "\u1112\u1161\u11ab", "\r", "\x00"]
RANGES = [
    (0x21, 0x7E), (0x61, 0x7A), (0x41, 0x5A), (0x30, 0x39), (0x01, 0x1F), (0x7F, 0x9F), (0xA1, 0xFF), (0x100, 0x17F),
    (0x300, 0x33F), (0x391, 0x3A1), (0x3A3, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x627, 0x64A), (0x905, 0x939), (0xE01, 0xE3A),
    (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2190, 0x21FF), (0x2460, 0x24FF), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x4EFF),
    (0xAC00, 0xACFF), (0xFB00, 0xFB06), (0xFF01, 0xFF5E), (0x1F300, 0x1F3FF), (0x1F600, 0x1F64F), (0x1D400, 0x1D454), (0x20000, 0x200FF),
    (0xE000, 0xE010),
]
POOLS = [WORDS, WORDS, WORDS, SPACES, SPACES, SPACES, TOKENS, SEQUENCES, *([chr(code) for code in range(first, last + 1)] for first, last in RANGES)]

COUNT = 10_000
BLOCK = 500
"""Texts of a block share one checksum."""


def random_texts() -> list[str]:
    state = SEED

    def draw(count: int) -> int:
        """mulberry32."""
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = ((state ^ state >> 15) * (state | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61))) & 0xFFFFFFFF
        return (mixed ^ mixed >> 14) % count

    texts = []
    for _ in range(COUNT):
        parts = []
        for _ in range(draw(25)):
            pool = POOLS[draw(len(POOLS))]
            parts.append(pool[draw(len(pool))])
        texts.append("".join(parts))
    return texts


def texts_file() -> dict:
    """What TypeScript needs to have the same texts."""
    pools = [
        *({"texts": pool} for pool in POOLS[: -len(RANGES)]),
        *({"first": first, "last": last} for first, last in RANGES),
    ]
    return {"seed": SEED, "count": COUNT, "block": BLOCK, "texts": TEXTS, "pools": pools}
