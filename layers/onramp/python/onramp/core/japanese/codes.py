"""The remedy of each code."""

REMEDIES = {
    "network-missing": "メッセージにある名前で lattice:network を付けるか、他のタグを外す",
    "network-unknown": "メッセージにある名前を書く",
    "tag-unknown": "正しく書き直すか、外す",
    "tag-invalid": "メッセージが示す箇所を直す",
    "name-invalid": "lattice:service に別の名前を書く",
    "listen-invalid": "HTTPS:443 や HTTP:80 のように書く",
    "listener-quota": "2 つまでにする",
    "auth-invalid": "表のとおりに書く",
    "auth-policy-missing": "そこにポリシーを置く",
    "auth-policy-invalid": "メッセージが示す箇所を直す",
    "log-group-missing": "そのアカウントに作るか、あるものを書く",
    "domain-invalid": "api.shop.example.jp のように書く",
    "domain-taken": "別のドメインにするか、そのアカウントに頼む",
    "domain-certificate": "RSA 2048 の証明書を発行するか、lattice:listen を HTTP:80 にする",
    "certificate-invalid": "合うものを書くか、タグを外す",
    "rule-invalid": "メッセージが示す箇所を直す",
    "rule-taken": "別の番号を書くか、タグを外す",
    "too-many-rules": "ルールを減らすか、別のサービス名を使う",
    "access-log-taken": "そのサブスクリプションかタグを外す",
    "zone-invalid": (
        "ドメインの末尾と同じ名前のゾーンを ID で書く。名前が任されているときは、任された先のゾーンを書く"
    ),
    "zone-off": (
        "インフラに、スタックの HostedZoneArns か RecordDomains に加え、メンバーも更新してもらう。"
        "メッセージがメンバースタックを挙げていれば、そのスタックに加えてもらう。または"
        " lattice:zone を外すか、none と書く"
    ),
    "zone-conflict": "VPC を、その名前のもう 1 つのホストゾーンから外す",
    "record-taken": (
        "そのレコードを消すか、lattice:zone を外す(または none と書く)。別のネットワークのものなら、示されたアカウント"
        "に尋ねる"
    ),
    "setting-conflict": "同じ値にそろえるか、書かない",
    "listen-conflict": "同じ値にそろえる",
    "target-invalid": "HTTP:8080 のように書く",
    "target-missing": "あるリスナーを書くか、リスナーを追加する",
    "target-ambiguous": "lattice:target に 1 つ書く",
    "target-certificate": "転送する HTTP のリスナーを追加し、lattice:target に書く",
    "backend-quota": "別のサービス名を使う",
    "not-internal": "内部のロードバランサーを使う",
    "not-application": "内部 ALB を使う",
    "load-balancer-failed": "ALB を直すか、作り直す",
    "service-failed": "サービスを直すか、作り直す",
    "service-not-yours": "持ち主のアカウントでタグを付ける",
    "joined-by-others": "そのままでよい。外すなら手で関連付けを削除する",
    "service-listener": "サービスにリスナーを追加する",
    "load-balancer-in-two-groups": (
        "メッセージにあるどちらかから外す。Vanish やほかの人の関連付けで残っているなら、まずそちらに頼む"
    ),
    "target-replaced": "メッセージにあるものをターゲットグループから外す",
    "name-taken": (
        "別の名前(リスナーなら別のポート)にする。サービスをそのまま引き渡すなら lattice-onramp:adopt = yes を付ける。こ"
        "ちらが作ったもので、誰かがタグを外した場合は lattice-onramp:network を付け直す(削除するとドメイン名は二度と戻"
        "らない)"
    ),
    "vpc-in-another-network": "その関連付けを削除するか、タグを外す",
    "association-taken": (
        "そのまま引き渡すなら lattice-onramp:adopt = yes を付ける。そうでなければその関連付けを削除する。次の実行で作り"
        "直される"
    ),
    "adopt-differs": "メッセージにあるとおりタグに書くか、手で直す。それまではすべてそのまま",
    "associated-by-others": "その関連付けを削除する。残りはその後で片付けられる",
    "mark-missing": (
        "示された ARN または ID に、ネットワーク名を値としてタグを付け直す。何からも求められていなければ、手で削除して"
        "もよい"
    ),
    "mark-unproven": "タグを外す。初期の実行の記録が失われた場合は、手で削除する",
    "certificate-expires": "同じ ARN でインポートし直すか、ACM が更新する証明書を発行する",
    "no-default": "意図したものでなければ、ルールのない ALB をサービスに加える",
    "rule-refused": "理由に従う",
    "rule-by-others": "意図したものでなければ、ルールを削除する",
    "auth-by-others": "意図したものでなければ NONE に戻す",
    "target-refused": "理由に従う",
    "security-group": (
        "メッセージにあるプレフィックスリストを、そのポートで許可する。VPC の場合は lattice:allow-from を直す。"
        "lattice:security-groups で指定しているなら、そのグループを直す"
    ),
    "listener-missing": "リスナーを追加するか、lattice:target を直す",
    "listener-protocol": "lattice:target を直す",
    "listener-redirects": "転送するリスナーを lattice:target に書く",
    "listener-answers-itself": "転送に変えるか、別のリスナーを書く",
    "certificate-mismatch": (
        "HTTP のリスナーを lattice:target に書く。lattice:certificate で別の証明書を指定した場合は、先に HTTPS リスナー"
        "のデフォルト証明書にし、古い証明書もリスナーに残す"
    ),
    "certificate-refused": (
        "ALB の HTTPS リスナーにその名前の証明書を付けるか、インポートし直す。TLS_PASSTHROUGH でなければ、サービスに"
        "付ける"
    ),
    "no-healthy-target": "ヘルスチェックかターゲットを直す",
    "passthrough-invalid": "メッセージにあるタグを直す",
    "rule-takes-all": "その ALB を直すか、ルールのタグを外す。他の手のルールは削除する",
    "weights-zero": "どれか 1 つの lattice:weight を 1 以上にする",
    "vpc-dns-off": "両方を有効にする",
    "member-role-missing": "member.yaml をデプロイする。スタックが既にあるなら、そのドリフトを元に戻す",
    "account-unread": "そのアカウントのプロファイルも --profile で指定する",
    "unread": (
        "メッセージにある呼び出しをロールに許可する。最新の member.yaml をデプロイするか、拒否しているポリシーの持ち主"
        "に確認する"
    ),
    "access-denied": "メッセージにあるものを変える。最新の member.yaml をデプロイする。ポリシーの持ち主に確認する",
    "stack-differs": (
        "インフラチームが、メッセージにあるアカウントのメンバースタックを、ネットワークのスタックと同じパラメータで"
        "更新する"
    ),
    "sharing-off": "管理アカウントで aws ram enable-sharing-with-aws-organization を実行する",
    "share-permission": "インフラチームが追加する。または SharePermissionArn を空にする",
    "no-room-for-answer": "タグを 1 つ減らす",
    "approval-rejected": "インフラチームに確認するか、タグを変えて改めて申請する",
    "kept-out": "インフラチームに確認する。戻すときは onramp unhold、または KeptOut から外す",
    "kept-by-policy": "インフラチームに確認する。外すときは Vanish を変える",
    "quota": "メッセージにあるクォータを引き上げるか、空ける",
    "invalid": "メッセージにある AWS の言葉に従う",
    "step-failed": "メッセージにある AWS の言葉に従う。次の実行でもう一度試される",
    "not-settling": "次の実行で続きが行われる。続くようなら AWS に問い合わせる",
    "deletion-limit": (
        "意図したことなら、インフラチームが onramp release --account ID で進めるか、DeletionLimit を上げる"
    ),
    "account-silent": "メンバースタックを戻す、スケジュールを有効にする、または参加を許す",
    "account-absent": "member.yaml をデプロイするか、一覧から外す",
    "account-not-listed": "一覧に加えてデプロイするか、そのメンバースタックを削除する",
    "account-blind": (
        "member-role-missing、access-denied、unread の対処に従う。誤って確認させたアカウントは一覧から外れる"
    ),
    "account-version": "ネットワークと同じバージョンの member.yaml をデプロイする",
    "function-missing": "スタックのドリフトを元に戻す",
    "table-missing": (
        "DynamoDB が 35 日間残すバックアップから復元する(aws dynamodb list-backups --backup-type SYSTEM、同じ名前で "
        "restore-table-from-backup)か、スタックのドリフトを元に戻す"
    ),
    "bus-deaf": "有効にする。ないなら、スタックのドリフトを元に戻す",
    "bus-closed": "スタックのドリフトを元に戻す",
    "dead-letters": "同名のアラームの対処に従う",
    "member-dead-letters": "同名のアラームの対処に従う",
    "alarm": "runbook.md の該当する節を見る",
    "archive-off": "再生したい場合は ArchiveDays を設定する。設定してあるなら、スタックのドリフトを元に戻す",
    "sharing-failed": "RAM の言葉に従う。組織内の共有を有効にする",
    "version-apart": "同じ版の member.yaml をデプロイする",
    "quota-near": "上限に達する前に引き上げる",
    "network-open": "AuthPreset、または独自のポリシーを設定する",
    "principal-anyone": "プリンシパルか条件を書く",
    "service-open": "そのロードバランサーに lattice:auth を付けるか、サービスかネットワークに認証ポリシーを置く",
    "nobody-admitted": "リクエストを通すつもりなら、示されたポリシーを直す",
    "access-log-off": "ログを購読する",
    "shared-with-stranger": "意図していなければ共有から外す",
    "associated-by-hand": "意図したものならそのまま",
    "rule-missing": "そのアカウントに member.yaml をデプロイする。スタックが既にあるなら、そのドリフトを元に戻す",
    "rule-off": "そのアカウントで aws events enable-rule",
    "runs-failed": "同名のアラームの対処に従う",
    "resource-missing": "あるものを指定する",
    "never-looked": "onramp look --account ID で見直させる",
    "name-unknown": "lattice-onramp:domain に書かれた名前で呼び出す",
    "wrong-region": "ネットワークはリージョン内でしか届かない。クライアントのリージョンでサービスを提供する",
    "zone-not-associated": "VPC をそのホストゾーンに関連付けるか、インフラに AssociateZones を on にしてもらう",
    "zone-shadowed": "VPC の入っているプライベートゾーンにもレコードを作るか、VPC をそのゾーンから外す",
    "zone-handed-on": "任せた先のホストゾーンにレコードを作るか、その NS レコードを消す",
    "no-record": "独自ドメインのエイリアスレコードか CNAME を作る",
    "domain-not-its-own": "そのドメインを持つサービスへレコードを向ける",
    "egress-security-group": "クライアント自身のグループで、プレフィックスリスト宛てのそのポートを許可する",
    "egress-network-acl": (
        "クライアントのサブネットの ACL で、プレフィックスリスト宛てのポートと、そこから 1024-65535 への戻りを許可する"
    ),
    "vpc-not-joined": "VPC にタグを付ける",
    "vpc-not-active": "作成中なら待つ。失敗したものは削除する",
    "service-not-joined": "VPC と同じネットワークの名前を ALB のタグに書く",
    "service-association-not-active": "作成中なら待つ。失敗したものは削除する",
    "service-not-active": "作成中なら待つ。失敗したものは削除する",
    "auth-denied": "リクエストに署名するか、示されたポリシーで許可してもらう",
    "port-not-listened": "サービスが待ち受けるポートで呼び出すか、lattice:listen に足す",
    "protocol-mismatch": "サービスが話すプロトコルで呼び出す",
    "endpoint-not-available": "作成中なら待つ。失敗または拒否されたものは作り直す",
    "endpoint-security-group": "エンドポイントのグループで、クライアントからそのポートを許可する",
    "endpoint-network-acl": (
        "エンドポイントのサブネットの ACL で、クライアントからのポートと、そこへの 1024-65535 の戻りを許可する"
    ),
    "certificate-missing": "Lattice の名前で呼び出すか、サービスに証明書を付ける",
    "target-group-missing": "次の実行で作られる。他の手で足されたルールがあれば外す",
    "target-group-not-active": "作成中なら待つ。失敗したものは削除する",
    "no-target": "登録してから数分待つ",
    "load-balancer-missing": "代わりのロードバランサーにタグを付ける",
    "load-balancer-network-acl": (
        "ロードバランサーのサブネットの ACL で、プレフィックスリストからそのポートへの通信と、"
        "1024-65535 への戻りを許可する"
    ),
    "load-balancer-not-active": "作成中なら待つ。失敗したものは作り直す",
    "target-stopped": "インスタンスを起動するか、ターゲットグループから外す",
    "target-silent": "そのポートでサービスを起動する",
}
"""Code -> what to do about it, in a few words: what is told where no sentence says it better."""
