"""Pin files of many shapes."""

PIN = b"# the agent\nAGENT_IMAGE=ghcr.io/example/agent@sha256:" + b"1" * 64


SHAPES = {
    "plain": PIN + b"\n",
    "no final line end": PIN,
    "crlf": PIN.replace(b"\n", b"\r\n") + b"\r\n",
    "crlf, no final line end": PIN.replace(b"\n", b"\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + PIN + b"\n",
    "byte order mark, crlf": b"\xef\xbb\xbf" + PIN.replace(b"\n", b"\r\n"),
    "empty": b"",
    "only a line end": b"\n",
    "blank lines around": b"\n\n" + PIN + b"\n\n\n",
    "value of several lines": b"A='one\nPREFLIGHT_SENTINEL=" + b"a" * 32 + b"\ntwo'\n" + PIN,
}
