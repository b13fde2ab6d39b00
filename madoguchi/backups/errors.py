"""Why there is no backup, or no restored database: sentences for who runs it."""

from madoguchi.common.errors import Refusal


class BackupRefusal(Refusal):
    """Nothing was overwritten and nothing half stands under a final name. Codes fit the ledger: 16 signs."""


class NotConfigured(BackupRefusal):
    """There is no folder, or nobody who could open a backup."""

    code = "not_configured"
    message = "バックアップの設定（BACKUP_FOLDER と BACKUP_RECIPIENTS）がありません。"


class WrongRecipient(BackupRefusal):
    """What the settings name is no public key of age."""

    code = "wrong_recipient"
    message = "BACKUP_RECIPIENTS または BACKUP_KEY_RECIPIENTS の値が age の公開鍵（age1…）として読めません。"


class BackupRunning(BackupRefusal):
    """Another process is at it."""

    code = "running"
    message = "別のバックアップを作成しています。終わってからもう一度実行してください。"


class NameTaken(BackupRefusal):
    """A backup of this second is there already."""

    code = "name_taken"
    message = "同じ名前のバックアップがあるため、作成しませんでした。上書きはしません。"


class DiskFull(BackupRefusal):
    """The destination takes no more."""

    code = "disk_full"
    message = (
        "保存先の空き容量が足りないため、バックアップを作成できませんでした。前のバックアップは残っています。"
    )


class FolderUnusable(BackupRefusal):
    """The destination is not there, or may not be written."""

    code = "folder_unusable"
    message = "バックアップの保存先に書き込めません。フォルダーがあるか、権限があるか確かめてください。"


class DumpFailed(BackupRefusal):
    """pg_dump gave up."""

    code = "dump_failed"
    message = "データベースを書き出せませんでした（pg_dump）。バックアップは作成していません。"


class NothingThere(BackupRefusal):
    """The folder holds no whole backup."""

    code = "nothing_there"
    message = "フォルダーに、データと鍵のそろったバックアップがありません。"


class WrongFiles(BackupRefusal):
    """A restore takes two files."""

    code = "wrong_files"
    message = "データのファイル（.data.age）と鍵のファイル（.keys.age）を1つずつ指定してください。"


class KeysTooOld(BackupRefusal):
    """People who came after the keys were written would be erased by this."""

    code = "keys_too_old"
    message = (
        "鍵のファイルがデータのファイルより古いため、復元しません。"
        "同じ日時か、より新しい鍵のファイルを使ってください。"
    )


class ManifestMissing(BackupRefusal):
    """Nothing says what the file is."""

    code = "no_manifest"
    message = "バックアップの目録（.json）が隣にないか、読めません。目録も同じフォルダーに置いてください。"


class Foreign(BackupRefusal):
    """Another program wrote it."""

    code = "foreign"
    message = "このシステムのバックアップではありません。"


class Damaged(BackupRefusal):
    """Cut off or altered."""

    code = "damaged"
    message = "ファイルが途中で切れているか、内容が変わっています。別の保存先のファイルを使ってください。"


class TooNew(BackupRefusal):
    """A later release wrote it."""

    code = "too_new"
    message = (
        "このバックアップは、動いているものより新しい版で作成されています。"
        "システムを新しい版にしてから復元してください。"
    )


class NoIdentity(BackupRefusal):
    """The file of the secret key is not there or holds none."""

    code = "no_identity"
    message = "復号鍵のファイルがないか、age の復号鍵（AGE-SECRET-KEY-1…）が入っていません。"


class WrongIdentity(BackupRefusal):
    """The backup was made for somebody else."""

    code = "wrong_identity"
    message = "この復号鍵では開けません。このバックアップの公開鍵に対応する復号鍵を指定してください。"


class WrongKeyRing(BackupRefusal):
    """Restored with this key ring, no person could be read or found."""

    code = "wrong_key_ring"
    message = (
        "鍵束（KEY_RING）が、このバックアップを作成したときのものと違います。"
        "保管している鍵束を設定してください。"
    )


class NotEmpty(BackupRefusal):
    """The database holds tables; perhaps the only copy of somebody's booking."""

    code = "not_empty"
    message = (
        "データベースが空ではないため、復元しませんでした。"
        "新しい空のデータベースを作り、DATABASE_URL に指定してください。"
    )


class RestoreFailed(BackupRefusal):
    """PostgreSQL refused; the transaction left nothing."""

    code = "restore_failed"
    message = "データベースに復元できませんでした。データベースは空のままです。"


class Differs(BackupRefusal):
    """What was restored is not what was backed up."""

    code = "differs"
    message = "復元した内容が、バックアップしたときの内容と一致しません。使わないでください。"


class MayNotCreate(BackupRefusal):
    """The role may not make the throw-away database."""

    code = "may_not_create"
    message = (
        "試しのデータベースを作れません。CREATEDB のあるロールで実行してください（deploy/manage --owner）。"
    )


SENTENCES = {refusal.code: refusal.message for refusal in BackupRefusal.__subclasses__()}
