"""What the top page weighs for somebody who comes for the first time, byte by byte as it is sent."""

import gzip
import re
from urllib.parse import urljoin

import brotli
import pytest

pytestmark = pytest.mark.slow
MOST = 40 * 1024
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
# Whatever a page, a style or a script leads a browser to.
LEADS_TO = {
    "text/html": r'<(?:link|script|img|source)\b[^>]*\b(?:href|src|srcset)="([^"]+)"',
    "text/css": r"""(?:url\(|@import\s+)["']?([^"')]+)""",
    "text/javascript": r"""\b(?:from|import)\s*\(?["']([^"']+)["']""",
}


def loaded(front, path, language):
    """Return the weight of a page and of all it loads: address and bytes, heads of the answers included."""
    weights, waiting = {}, [path]
    while waiting:
        address = waiting.pop()
        if address in weights or address.startswith("data:"):
            continue
        asked = {"Accept-Encoding": "gzip, br", "Cookie": f"__Host-language={language}"}
        status, headers, body = front.ask(address, headers=asked)
        assert status == 200, address
        weights[address] = len(body) + len(str(headers).encode())
        kind = headers.get_content_type()
        text = UNPACK[headers["Content-Encoding"]](body).decode()
        waiting += [urljoin(address, found) for found in re.findall(LEADS_TO.get(kind, "$^"), text)]
    return weights


def test_the_top_page_takes_forty_kilobytes_at_most_with_an_empty_cache(production):
    for language in ("ja", "ja-easy", "en"):
        weights = loaded(production, "/", language)
        assert {path.rpartition(".")[2] for path in weights} >= {"css", "js", "svg"}
        assert sum(weights.values()) <= MOST, (language, weights)
