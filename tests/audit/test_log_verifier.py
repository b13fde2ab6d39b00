"""Somebody with nothing but the exported log and Python finds out what was done to it."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from madoguchi.audit import keys as seal_key_module
from madoguchi.audit.keys import make_keys, seal_keys
from madoguchi.audit.rules import canonical, leaf, root
from madoguchi.audit.seals import last_seal
from scripts import verify_audit_log
from scripts.verify_audit_log import faults

# Where lines stand in the log: the head, then five, five and two entries behind their seals, then the end.
SEAL_1, SEAL_2, SEAL_3, END = 1, 7, 13, 16


def found(lines, printed=None, trusted=()):
    return list(faults([line + b"\n" for line in lines], printed, list(trusted)))


def with_facts(line, **changes):
    facts = json.loads(line)
    facts.update(changes)
    return canonical(facts)


def test_a_log_as_it_was_written_fits(log):
    assert len(log) == END + 1
    assert found(log) == []
    assert found(log, printed=(3, last_seal().root), trusted=[seal_keys().current]) == []


def test_line_ends_and_a_missing_last_one_do_not_matter(log):
    assert list(faults([line + b"\r\n" for line in log], None, [])) == []
    assert list(faults([*(line + b"\n" for line in log[:-1]), log[-1]], None, [])) == []


def changed(log):
    log[3] = log[3].replace(b"staff:7", b"staff:8")


def spaced(log):
    log[3] += b" "


def removed(log):
    del log[3]


def added(log):
    log.insert(4, log[3].replace(b"thing:1", b"thing:x"))


def doubled(log):
    log.insert(4, log[3])


def reordered(log):
    log[3], log[4] = log[4], log[3]


def moved_to_another_seal(log):
    log.insert(SEAL_2, log.pop(3))


def removed_with_its_leaf(log):
    seal = json.loads(log[SEAL_1])
    del seal["leaves"][1]
    log[SEAL_1] = canonical(seal)
    del log[3]


def removed_with_leaf_and_count(log):
    seal = json.loads(log[SEAL_1])
    del seal["leaves"][1]
    seal["seal"]["entries"] = 4
    log[SEAL_1] = canonical(seal)
    del log[3]


def seal_replaced_by_another(log):
    log[SEAL_2] = log[SEAL_1]


def seal_made_anew_without_the_key(log):
    seal = json.loads(log[SEAL_1])
    log[3] = log[3].replace(b"staff:7", b"staff:8")
    seal["leaves"][1] = leaf(log[3]).hex()
    leaves = [leaf(canonical(seal["seal"])), *map(bytes.fromhex, seal["leaves"])]
    seal["root"] = root(leaves).hex()
    log[SEAL_1] = canonical(seal)


def seal_removed_with_its_entries(log):
    del log[SEAL_2:SEAL_3]


def seals_swapped(log):
    log[SEAL_1:SEAL_3] = [*log[SEAL_2:SEAL_3], *log[SEAL_1:SEAL_2]]


def signature_of_another_seal(log):
    log[SEAL_1] = with_facts(log[SEAL_1], signature=json.loads(log[SEAL_2])["signature"])


def signature_too_long(log):
    log[SEAL_1] = with_facts(log[SEAL_1], signature="00" + json.loads(log[SEAL_1])["signature"])


def cut_tail(log):
    del log[SEAL_3:]


def cut_within_a_seal(log):
    del log[SEAL_3 + 2 :]


def cut_tail_with_a_new_end(log):
    log[SEAL_3:] = [canonical({"end": {"seals": 3, "entries": 12, "waiting": 0}})]


def cut_within_a_line(log):
    del log[5:]
    log[4] = log[4][:20]


def not_json(log):
    log[4] = "記録ではありません".encode()


def not_an_object(log):
    log[4] = b"[1]"


def empty_line(log):
    log.insert(4, b"")


def not_text(log):
    log[4] = b"\xff\xfe\xff"


def a_seal_without_root(log):
    log[SEAL_2] = b'{"seal":{"number":2}}'


def something_behind_the_end(log):
    log.append(log[3])


def another_format(log):
    log[0] = with_facts(log[0], format="madoguchi-audit-2")


def key_under_a_wrong_id(log):
    head = json.loads(log[0])
    (key,) = head["keys"].values()
    log[0] = canonical({**head, "keys": {seal_keys().current: {**key, "e": 3}}})


def no_keys(log):
    log[0] = with_facts(log[0], keys={})


def nothing(log):
    log.clear()


UNREADABLE = "操作記録の書出しとして読めません"


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (changed, ["封印 第1号: 2番目の記録（", "が書き換えられています"]),
        (spaced, ["封印 第1号: 2番目の記録（", "が書き換えられています"]),
        (removed, ["封印 第1号: 2番目の記録が消されています"]),
        (added, ["封印 第1号: 記録 ", "が加えられています"]),
        (doubled, ["封印 第1号: 記録の順序が変えられているか、同じ記録がくり返されています"]),
        (reordered, ["封印 第1号: 記録の順序が変えられているか"]),
        (moved_to_another_seal, ["封印 第1号: 2番目の記録が消されています", "第2号: 記録 ", "が加えられ"]),
        (removed_with_its_leaf, ["封印 第1号: 封印の内容が書き換えられています"]),
        (removed_with_leaf_and_count, ["封印 第1号: 封印の内容が書き換えられています"]),
        (seal_replaced_by_another, ["ここには封印 第2号があるはずです"]),
        (seal_made_anew_without_the_key, ["第1号: 署名が正しくありません", "第2号: 前の封印につながり"]),
        (seal_removed_with_its_entries, ["封印 第3号: ここには封印 第2号があるはずです"]),
        (seals_swapped, ["封印 第2号: ここには封印 第1号があるはずです"]),
        (signature_of_another_seal, ["封印 第1号: 署名が正しくありません"]),
        (signature_too_long, ["封印 第1号: 署名が正しくありません"]),
        (cut_tail, ["13行目で途切れています。末尾が切り取られています"]),
        (cut_within_a_seal, ["封印 第3号: 2番目の記録が消されています", "15行目で途切れています"]),
        (cut_tail_with_a_new_end, ["14行目: 封印と記録の数が、最後の行と合いません"]),
        (cut_within_a_line, [f"5行目: {UNREADABLE}"]),
        (not_json, [f"5行目: {UNREADABLE}"]),
        (not_an_object, [f"5行目: {UNREADABLE}"]),
        (empty_line, [f"5行目: {UNREADABLE}"]),
        (not_text, [f"5行目: {UNREADABLE}"]),
        (a_seal_without_root, [f"8行目: {UNREADABLE}"]),
        (something_behind_the_end, ["最後の行の後に、何かが加えられています"]),
        (another_format, [f"1行目: {UNREADABLE}"]),
        (key_under_a_wrong_id, ["の ID が鍵と合いません", "信頼する鍵にありません"]),
        (no_keys, ["封印 第1号: 鍵 ", "信頼する鍵にありません"]),
        (nothing, [f"0行目: {UNREADABLE}"]),
    ],
)  # fmt: skip
def test_tampering_is_named(log, tamper, says):
    tamper(log)
    sentences = "\n".join(found(log))
    assert [words for words in says if words not in sentences] == []


def test_a_neatly_cut_tail_shows_against_paper_and_only_there(log):
    paper = (3, last_seal().root)
    cut = [*log[:SEAL_3], canonical({"end": {"seals": 2, "entries": 10, "waiting": 0}})]
    assert found(cut) == []
    assert found(cut, printed=paper) == ["控えにある封印 第3号がありません。末尾が切り取られています。"]


@pytest.fixture
def forged(log, monkeypatch):
    """The whole log made anew, by somebody with a key of their own."""
    with monkeypatch.context() as patch:
        patch.setattr(seal_key_module, "settings", SimpleNamespace(AUDIT_KEYS=""))
        text = make_keys()
        patch.setattr(seal_key_module, "settings", SimpleNamespace(AUDIT_KEYS=text))
        theirs = seal_keys()
    previous = bytes(32)
    head = json.loads(log[0])
    head["keys"] = {theirs.current: seal_key_module.numbers(theirs.public[theirs.current])}
    log[0] = canonical(head)
    log[3] = log[3].replace(b"staff:7", b"staff:8")
    for place in (SEAL_1, SEAL_2, SEAL_3):
        facts = json.loads(log[place])
        facts["seal"].update(key=theirs.current, previous=previous.hex())
        entries = log[place + 1 : place + 1 + facts["seal"]["entries"]]
        facts["leaves"] = [leaf(line).hex() for line in entries]
        previous = root([leaf(canonical(facts["seal"])), *map(leaf, entries)])
        facts.update(root=previous.hex(), signature=theirs.sign(previous).hex())
        log[place] = canonical(facts)
    return log


@pytest.mark.slow
def test_a_log_made_anew_with_another_key_shows_against_paper_and_against_the_trusted_key(forged):
    assert found(forged) == []
    assert ["照合値が控えと違います" in each for each in found(forged, printed=(3, last_seal().root))] == [
        True
    ]
    assert ["信頼する鍵にありません" in each for each in found(forged, trusted=[seal_keys().current])] == [
        True
    ] * 3


def test_a_short_key_signs_nothing():
    short = generate_private_key(public_exponent=65537, key_size=2048)
    numbers = short.public_key().public_numbers()
    signature = seal_key_module.SealKeys("", short, {}).sign(b"root")
    assert not verify_audit_log._is_signed(numbers.n, numbers.e, signature, b"root")


@pytest.fixture
def run(log, tmp_path):
    """Run the script as the city does: nothing installed, no settings, no database."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\n".join(log) + b"\n")

    def ended(*arguments, file=path):
        return subprocess.run(
            [sys.executable, "-I", "-S", verify_audit_log.__file__, str(file), *arguments],
            capture_output=True, text=True, check=False, cwd=tmp_path, env={},
        )  # fmt: skip

    return ended


def test_the_script_needs_nothing_but_python(run):
    ended = run()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "異常はありません" in ended.stdout
    assert "控えの --number と --root がないと分かりません" in ended.stdout


def test_the_script_takes_number_and_root_as_they_stand_on_paper(run):
    paper = last_seal().root
    grouped = " ".join(paper[at : at + 4] for at in range(0, 64, 4)).upper()
    assert run("--number", "3", "--root", grouped).returncode == 0
    ended = run("--number", "4", "--root", grouped)
    assert ended.returncode == 1
    assert "控えにある封印 第4号がありません" in ended.stdout


def test_the_script_tells_a_wrong_question_from_a_wrong_log(run, tmp_path):
    assert run(file=tmp_path / "none").returncode == 2
    assert run("--number", "3").returncode == 2
