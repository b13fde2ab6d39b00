"""Refusals of backup and restore, each with its sentence."""

from madoguchi.common.errors import Refusal


class BackupRefusal(Refusal):
    """A refusal of backup or restore: nothing was overwritten. Codes fit the ledger: 16 characters."""


class NotConfigured(BackupRefusal):
    """The settings name no folder or no recipient."""

    code = "not_configured"
    message = "バックアップの設定（BACKUP_FOLDER と BACKUP_RECIPIENTS）がありません。"


class WrongRecipient(BackupRefusal):
    """A recipient in the settings is no public key of age."""

    code = "wrong_recipient"
    message = "BACKUP_RECIPIENTS または BACKUP_KEY_RECIPIENTS の値が age の公開鍵（age1…）として読めません。"


class BackupRunning(BackupRefusal):
    """Another process makes a backup."""

    code = "running"
    message = "別のバックアップを作成しています。終わってからもう一度実行してください。"


class NameTaken(BackupRefusal):
    """A backup of this second exists already."""

    code = "name_taken"
    message = "同じ名前のバックアップがあるため、作成しませんでした。上書きはしません。"


class DiskFull(BackupRefusal):
    """The destination is full."""

    code = "disk_full"
    message = (
        "保存先の空き容量が足りないため、バックアップを作成できませんでした。前のバックアップは残っています。"
    )


class FolderUnusable(BackupRefusal):
    """The destination does not exist or is not writable."""

    code = "folder_unusable"
    message = "バックアップの保存先に書き込めません。フォルダーがあるか、権限があるか確かめてください。"


class DumpFailed(BackupRefusal):
    """pg_dump failed."""

    code = "dump_failed"
    message = "データベースを書き出せませんでした（pg_dump）。バックアップは作成していません。"


class NothingThere(BackupRefusal):
    """The folder has no complete backup."""

    code = "nothing_there"
    message = "フォルダーに、データと鍵のそろったバックアップがありません。"


class WrongFiles(BackupRefusal):
    """A restore takes two files."""

    code = "wrong_files"
    message = "データのファイル（.data.age）と鍵のファイル（.keys.age）を1つずつ指定してください。"


class KeysTooOld(BackupRefusal):
    """The keys are older than the data: newer people would be erased."""

    code = "keys_too_old"
    message = (
        "鍵のファイルがデータのファイルより古いため、復元しません。"
        "同じ日時か、より新しい鍵のファイルを使ってください。"
    )


class ManifestMissing(BackupRefusal):
    """The file has no manifest."""

    code = "no_manifest"
    message = "バックアップの目録（.json）が隣にないか、読めません。目録も同じフォルダーに置いてください。"


class Foreign(BackupRefusal):
    """The file is not one of our backups."""

    code = "foreign"
    message = "このシステムのバックアップではありません。"


class Damaged(BackupRefusal):
    """The file is truncated or altered."""

    code = "damaged"
    message = "ファイルが途中で切れているか、内容が変わっています。別の保存先のファイルを使ってください。"


class TooNew(BackupRefusal):
    """A later release wrote the file."""

    code = "too_new"
    message = (
        "このバックアップは、動いているものより新しい版で作成されています。"
        "システムを新しい版にしてから復元してください。"
    )


class NoIdentity(BackupRefusal):
    """The identity file does not exist or holds no secret key."""

    code = "no_identity"
    message = "復号鍵のファイルがないか、age の復号鍵（AGE-SECRET-KEY-1…）が入っていません。"


class WrongIdentity(BackupRefusal):
    """The backup was encrypted for another recipient."""

    code = "wrong_identity"
    message = "この復号鍵では開けません。このバックアップの公開鍵に対応する復号鍵を指定してください。"


class WrongKeyRing(BackupRefusal):
    """The key ring does not fit the backup: no person could be read or found."""

    code = "wrong_key_ring"
    message = (
        "鍵束（KEY_RING）が、このバックアップを作成したときのものと違います。"
        "保管している鍵束を設定してください。"
    )


class NotEmpty(BackupRefusal):
    """The target database is not empty."""

    code = "not_empty"
    message = (
        "データベースが空ではないため、復元しませんでした。"
        "新しい空のデータベースを作り、DATABASE_URL に指定してください。"
    )


class RestoreFailed(BackupRefusal):
    """PostgreSQL refused the restore; the transaction was rolled back."""

    code = "restore_failed"
    message = "データベースに復元できませんでした。データベースは空のままです。"


class Differs(BackupRefusal):
    """The restored database differs from the backup."""

    code = "differs"
    message = "復元した内容が、バックアップしたときの内容と一致しません。使わないでください。"


class MayNotCreate(BackupRefusal):
    """The role may not create the temporary database."""

    code = "may_not_create"
    message = (
        "試しのデータベースを作れません。CREATEDB のあるロールで実行してください（deploy/manage --owner）。"
    )


SENTENCES = {refusal.code: refusal.message for refusal in BackupRefusal.__subclasses__()}
