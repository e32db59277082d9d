"""What the product says in Japanese: the remedy of each code, and each sentence by its English one.

docs/ja/codes.md has the same remedies, and a test that it has. Places in braces are those of the English sentence.
"""

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
    "zone-invalid": "ドメインの末尾と同じ名前のゾーンを ID で書く",
    "zone-off": "インフラに、スタックの HostedZoneArns に加えてもらう",
    "record-taken": "そのレコードを消すか、lattice:zone を外す。別のネットワークのものなら、示されたアカウントに尋ねる",
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
    "load-balancer-in-two-groups": "メッセージにあるどちらかから外す",
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
    "security-group": "メッセージにあるプレフィックスリストを、そのポートで許可する",
    "listener-missing": "リスナーを追加するか、lattice:target を直す",
    "listener-protocol": "lattice:target を直す",
    "listener-redirects": "転送するリスナーを lattice:target に書く",
    "listener-answers-itself": "転送に変えるか、別のリスナーを書く",
    "certificate-mismatch": (
        "HTTP のリスナーを lattice:target に書く。lattice:certificate で別の証明書を指定した場合は、先に HTTPS リスナー"
        "のデフォルト証明書にし、古い証明書もリスナーに残す"
    ),
    "no-healthy-target": "ヘルスチェックかターゲットを直す",
    "passthrough-invalid": "メッセージにあるタグを直す",
    "rule-takes-all": "その ALB を直すか、ルールのタグを外す",
    "weights-zero": "どれか 1 つの lattice:weight を 1 以上にする",
    "vpc-dns-off": "両方を有効にする",
    "member-role-missing": "member.yaml をデプロイする",
    "account-unread": "そのアカウントのプロファイルも --profile で指定する",
    "unread": (
        "メッセージにある呼び出しをロールに許可する。最新の member.yaml をデプロイするか、拒否しているポリシーの持ち主"
        "に確認する"
    ),
    "access-denied": "最新の member.yaml をデプロイする。ポリシーの持ち主に確認する",
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
    "account-blind": "member-role-missing、access-denied、unread の対処に従う",
    "account-version": "ネットワークと同じバージョンの member.yaml をデプロイする",
    "function-missing": "template.yaml を再デプロイする",
    "bus-deaf": "有効にするか、再デプロイする",
    "bus-closed": "再デプロイする",
    "dead-letters": "同名のアラームの対処に従う",
    "member-dead-letters": "同名のアラームの対処に従う",
    "alarm": "runbook.md の該当する節を見る",
    "archive-off": "再生したい場合は ArchiveDays を設定する",
    "sharing-failed": "RAM の言葉に従う。組織内の共有を有効にする",
    "version-apart": "同じ版の member.yaml をデプロイする",
    "quota-near": "上限に達する前に引き上げる",
    "network-open": "AuthPreset、または独自のポリシーを設定する",
    "principal-anyone": "プリンシパルか条件を書く",
    "nobody-admitted": "リクエストを通すつもりなら、示されたポリシーを直す",
    "access-log-off": "ログを購読する",
    "shared-with-stranger": "意図していなければ共有から外す",
    "associated-by-hand": "意図したものならそのまま",
    "rule-missing": "そのアカウントに member.yaml をデプロイする",
    "rule-off": "有効にするか、再デプロイする",
    "runs-failed": "同名のアラームの対処に従う",
    "resource-missing": "あるものを指定する",
    "never-looked": "onramp look --account ID で見直させる",
    "name-unknown": "lattice-onramp:domain に書かれた名前で呼び出す",
    "wrong-region": "ネットワークはリージョン内でしか届かない。クライアントのリージョンでサービスを提供する",
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
    "certificate-missing": "Lattice の名前で呼び出すか、サービスに証明書を付ける",
    "target-group-missing": "次の実行で作られる。他の手で足されたルールがあれば外す",
    "target-group-not-active": "作成中なら待つ。失敗したものは削除する",
    "no-target": "登録してから数分待つ",
    "load-balancer-missing": "代わりのロードバランサーにタグを付ける",
    "load-balancer-not-active": "作成中なら待つ。失敗したものは作り直す",
    "target-stopped": "インスタンスを起動するか、ターゲットグループから外す",
    "target-silent": "そのポートでサービスを起動する",
}
"""Code -> what to do about it, in a few words: what is told where no sentence says it better."""

LABELS = {
    "Network": "ネットワーク",
    "network": "ネットワーク",
    "service": "サービス",
    "client": "クライアント",
    "load balancer": "ロードバランサー",
    "account": "アカウント",
    "refusal": "拒否",
    "request": "承認申請",
    "held": "保留",
    "run": "実行",
    "of": "アカウント",
    "all of it": "アカウント全体",
    "message": "メッセージ",
    "domain": "ドメイン",
    "own domain": "独自ドメイン",
    "arn": "ARN",
    "asks": "求めるもの",
    "answers": "応答あり",
    "asked by": "依頼者",
    "kept until": "保持期限",
    "shows": "申請内容",
    "answered by": "回答者",
    "last event": "最後の通知",
    "last look": "最後の確認",
    "a run goes on": "実行中",
    "console": "コンソール",
    "done": "完了",
    "not_yet": "未完了",
    "refused": "拒否",
    "failed": "失敗",
    "name": "名前",
    "state": "状態",
    "reaches": "到達先",
}
"""What heads a line or a column of a command -> the same in Japanese."""

SENTENCES = {
    # --- what tags ask for
    "infra has taken it off the network for now: ask there": (
        "インフラチームが今はネットワークから外しています: インフラチームに確認してください"
    ),
    "infra has taken this account off the network for now: ask there": (
        "インフラチームが今はこのアカウントをネットワークから外しています: インフラチームに確認してください"
    ),
    "the load balancer is being provisioned": "ロードバランサーを作成中です",
    "it cannot be read: {why}": "読み取れません: {why}",
    "add tag {key} = {offered}, or remove the others": "タグ {key} = {offered} を付けるか、ほかのタグを外してください",
    "this account may join {offered}: the tag says {given}": (
        "このアカウントが参加できるのは {offered} です: タグの値は {given} です"
    ),
    "write {right} instead of {wrong}": "{wrong} ではなく {right} と書いてください",
    "remove tag {wrong}: nothing here reads it. What is read: {choices}": (
        "タグ {wrong} を外してください: 読まれないキーです。読まれるキー: {choices}"
    ),
    "use an internal ALB: a {type} load balancer cannot be a target": (
        "内部 ALB を使ってください: {type} ロードバランサーはターゲットにできません"
    ),
    "use an internal load balancer: this one is {scheme}": (
        "内部のロードバランサーを使ってください: これは {scheme} です"
    ),
    "repair or replace the load balancer: it is in state failed": (
        "ロードバランサーを直すか、作り直してください: failed の状態です"
    ),
    "tag the service in account {account}, whose it is: here it is only shared": (
        "このサービスを持つアカウント {account} でタグを付けてください: ここには共有されているだけです"
    ),
    "remove tag {key} from it, if it is not meant to be ours: nothing shows that a run made it": (
        "こちらのものでなければ、タグ {key} を外してください: こちらが作ったと確認できません"
    ),
    "repair or replace the service: service {name} is {status}: {why}": (
        "サービスを直すか、作り直してください: サービス {name} は {status} です: {why}"
    ),
    "add a listener to the service: it has none and so nothing answers": (
        "サービスにリスナーを追加してください: 1 つもないため、応答しません"
    ),
    "take it off the network by hand to end that: somebody else associated it and without the tag it stays": (
        "外すなら、手でネットワークから外してください: 他の手で関連付けられていて、タグを外しても残ります"
    ),
    "choose one protocol for port {port}: tag {key} asks for two": (
        "ポート {port} のプロトコルを 1 つにしてください: タグ {key} に 2 つ書かれています"
    ),
    "write for instance HTTPS:443 in tag {key}: it is empty": "タグ {key} に HTTPS:443 のように書いてください: 空です",
    "ask for {most} listeners at most in tag {key}: it has {number}": (
        "タグ {key} のリスナーは {most} つまでにしてください: {number} つあります"
    ),
    "write {choices} and a port in tag {key}, as HTTP:80: it has {given}": (
        "タグ {key} に {choices} とポートを HTTP:80 のように書いてください: 今の値は {given} です"
    ),
    "write a number from 0 to 999 or theirs in tag {key}: it has {given}": (
        "タグ {key} に 0 から 999 の数か theirs を書いてください: 今の値は {given} です"
    ),
    "name one of the load balancer's listeners in tag {key}: it has {given} and the load balancer listens on {shown}": (
        "タグ {key} にロードバランサーのリスナーを 1 つ書いてください: 今の値は {given} で、ロードバランサーのリスナー"
        "は {shown} です"
    ),
    "add a listener to the load balancer: it has none yet": (
        "ロードバランサーにリスナーを追加してください: まだ 1 つもありません"
    ),
    "choose {passthrough} or the others in tag {key}: they need target groups of other kinds": (
        "タグ {key} には {passthrough} かそれ以外のどちらかだけを書いてください: "
        "必要なターゲットグループの種類が違います"
    ),
    "add tag {key} or listen otherwise: {passthrough} goes by a domain of your own": (
        "タグ {key} を付けるか、ほかのプロトコルで待ち受けてください: {passthrough} には独自ドメインが必要です"
    ),
    "remove tag {key}: with {passthrough} the load balancer shows its own": (
        "タグ {key} を外してください: {passthrough} ではロードバランサー自身の証明書が使われます"
    ),
    "remove tag {key}: with {passthrough} Lattice reads no request": (
        "タグ {key} を外してください: {passthrough} では Lattice はリクエストを読みません"
    ),
    "write none or vpcs in tag {key}: with {passthrough} no caller can sign": (
        "タグ {key} には none か vpcs を書いてください: {passthrough} では呼び出し元は署名できません"
    ),
    "name an HTTPS listener in tag {key}: with {passthrough} the load balancer ends TLS and {listener} does not": (
        "タグ {key} に HTTPS リスナーを書いてください: {passthrough} では TLS はロードバランサーで終わりますが"
        " {listener} は HTTPS ではありません"
    ),
    "add an HTTPS listener to the load balancer: with {passthrough} it ends TLS. It listens on {shown}": (
        "ロードバランサーに HTTPS リスナーを追加してください: {passthrough} では TLS はロードバランサーで終わります。"
        "今のリスナーは {shown} です"
    ),
    (
        "clients use {domain} once its DNS record is an alias or CNAME of {name}, and no other name: a connection lives"
        " 10 minutes at most"
    ): (
        "DNS レコードを {name} へのエイリアスか CNAME にすると、クライアントは {domain} を使えます。"
        "ほかの名前は使えず、接続は最長 10 分です"
    ),
    (
        "mend the load balancer whose rule takes all that would come here, or take its rule tags off: nothing"
        " answers there"
    ): (
        "ここに来るはずのリクエストをすべて受けるルールのロードバランサーを直すか、そのルールのタグを外してください:"
        " そこでは何も応答しません"
    ),
    "name one listener in tag {key}: the load balancer listens on {shown}": (
        "タグ {key} にリスナーを 1 つ書いてください: ロードバランサーのリスナーは {shown} です"
    ),
    (
        "give the load balancer an HTTP listener that forwards, and name it in tag {key} as HTTP:8080: Lattice reaches "
        "HTTPS only under the service's own certificate. It listens on {shown}"
    ): (
        "ロードバランサーに転送する HTTP リスナーを追加し、タグ {key} に HTTP:8080 のように書いてください: Lattice が "
        "HTTPS で届くのは、サービス自身と同じ証明書のときだけです。今のリスナーは {shown} です"
    ),
    "write {shown} in the listen tag as the load balancers that serve {name} do, or choose another service": (
        "listen のタグに、{name} を提供しているロードバランサーと同じ {shown} を書くか、別のサービス名にしてください"
    ),
    "give all load balancers of service {name} the same listen tag": (
        "サービス {name} のすべてのロードバランサーで、listen のタグを同じ値にしてください"
    ),
    "choose another service: {name} has the {most} load balancers that it may have": (
        "別のサービス名にしてください: {name} には上限の {most} 台のロードバランサーがあります"
    ),
    "say the same of {keys} as the others of {name}, or nothing": (
        "{keys} を {name} のほかのロードバランサーと同じ値にするか、書かないでください"
    ),
    "add {choices} or remove {key}: there is no rule to order": (
        "{choices} のどれかを書くか、{key} を外してください: 順番を決めるルールがありません"
    ),
    "ask for less in the rule tags: a listener has {most} rules at most and these are {number}. A path prefix is two"
    " and several methods or headers multiply": (
        "ルールのタグの値を減らしてください: リスナーのルールは {most} 個までで、今は {number} 個になります。"
        "path-prefix は 1 つで 2 個、複数のメソッドやヘッダーは掛け算になります"
    ),
    "ask for less in the rule tags, or choose another service: a listener has {most} rules at most and {name} would"
    " have {number}": (
        "ルールのタグの値を減らすか、別のサービス名にしてください: リスナーのルールは {most} 個までで、{name} は"
        " {number} 個になります"
    ),
    "write paths of at most {most} characters that begin with / in tag {key}, as /api: it has {given}": (
        "タグ {key} に / で始まる {most} 文字までのパスを /api のように書いてください: 今の値は {given} です"
    ),
    "write methods in tag {key}, as GET POST: it has {given}": (
        "タグ {key} にメソッドを GET POST のように書いてください: 今の値は {given} です"
    ),
    "write a header's name and its whole value in tag {key}, as x-version=beta: it has {given}": (
        "タグ {key} にヘッダーの名前と値の全体を x-version=beta のように書いてください: 今の値は {given} です"
    ),
    "shorten the header in tag {key}: a name has {most} characters at most, a value {number}": (
        "タグ {key} のヘッダーを短くしてください: 名前は {most} 文字、値は {number} 文字までです"
    ),
    "write a number from 1 to {most} in tag {key}: it has {given}": (
        "タグ {key} に 1 から {most} の数を書いてください: 今の値は {given} です"
    ),
    "write a number from 1 to {most} in tag {key}, for its {number} rules have numbers one after the other from there:"
    " it has {given}": (
        "タグ {key} に 1 から {most} の数を書いてください。{number} 個のルールがその数から順に番号を使います: "
        "今の値は {given} です"
    ),
    "choose another number in tag {key}: {number} is taken on service {name}": (
        "タグ {key} に別の数を書いてください: {number} はサービス {name} で使われています"
    ),
    "write {number} in tag {key} or remove it: other load balancers of {name} ask for the same requests so": (
        "タグ {key} に {number} を書くか、タグを外してください: 同じリクエストを受ける {name} の他の ALB が"
        "そうしています"
    ),
    "remove tag {key}: other load balancers of {name} ask for the same requests so": (
        "タグ {key} を外してください: 同じリクエストを受ける {name} の他の ALB がそうしています"
    ),
    "tag a load balancer with service {name} and no rule to take the rest: what matches no rule is answered {number}": (
        "サービス {name} にルールのない ALB を加えれば残りを受けられます: どのルールにも合わないリクエストには"
        " {number} が返ります"
    ),
    "tags ask for {what}": "タグが {what} を求めています",
    "{what} of {name} waits until another rule makes room": (
        "{name} の {what} は、別のルールの場所が空くのを待っています"
    ),
    "they do not take what the tags ask for, or not in that order": (
        "受けるリクエストか順番が、タグの求めるものと違います"
    ),
    "nobody asks for the rest": "残りのリクエストを求めるものがありません",
    "write a value in tag {key}, or remove it: it is empty": "タグ {key} に値を書くか、タグを外してください: 空です",
    "write ids of security groups of this VPC in tag {key}, as sg-0123abcd: it has {given}": (
        "タグ {key} に、この VPC のセキュリティグループの ID を sg-0123abcd のように書いてください: 今の値は {given} で"
        "す"
    ),
    "name {most} security groups at most in tag {key}: it has {number}": (
        "タグ {key} のセキュリティグループは {most} つまでにしてください: {number} つあります"
    ),
    "name fewer or larger CIDRs, or fewer ports: {number} rules would be needed and a security group holds {most}": (
        "CIDR を減らすか大きくまとめる、またはポートを減らしてください: {number} 個のルールが必要ですが、セキュリティグ"
        "ループには {most} 個までです"
    ),
    (
        "name fewer or larger CIDRs, or fewer ports: {number} rules would be needed and a security group holds {most}: "
        "{why}"
    ): (
        "CIDR を減らすか大きくまとめる、またはポートを減らしてください: {number} 個のルールが必要ですが、セキュリティグ"
        "ループには {most} 個までです: {why}"
    ),
    "{list} may hold {number} entries and counts as so many rules": (
        "{list} は最大 {number} 件で、同じ数のルールに数えられます"
    ),
    "write {right} in tag {key}: it has {given}": "タグ {key} に {right} と書いてください: 今の値は {given} です",
    "write a port from 1 to 65535 in tag {key}: it has {given}": (
        "タグ {key} に 1 から 65535 のポートを書いてください: 今の値は {given} です"
    ),
    "write ids as {example} in tag {key}: it has {given}": (
        "タグ {key} に ID を {example} のように書いてください: 今の値は {given} です"
    ),
    "write CIDRs as 10.1.33.54/32 or 2001:db8::/64, pl-0123abcd or sg-0123abcd in tag {key}: it has {given}": (
        "タグ {key} に 10.1.33.54/32 や 2001:db8::/64 のような CIDR、pl-0123abcd、または sg-0123abcd を書いてください: "
        "今の値は {given} です"
    ),
    "write {range} for the whole range or {one} for one in tag {key}: it has {given}": (
        "タグ {key} に、範囲全体なら {range}、1 つだけなら {one} と書いてください: 今の値は {given} です"
    ),
    "remove one of tags {one} and {other}": "タグ {one} と {other} のどちらかを外してください",
    "write seconds from 60 to 600 in tag {key}: it has {given}": (
        "タグ {key} に 60 から 600 の秒数を書いてください: 今の値は {given} です"
    ),
    "write the name of a log group of this account in tag {key}, as /lattice/orders: it has {given}": (
        "タグ {key} に、このアカウントのロググループの名前を /lattice/orders のように書いてください: 今の値は {given} "
        "です"
    ),
    "add {other} or remove {key}: a certificate is for a domain": (
        "{other} を付けるか、{key} を外してください: 証明書はドメインのためのものです"
    ),
    "write the ARN or the id of a certificate of this account in tag {key}: it has {given}": (
        "タグ {key} に、このアカウントの証明書の ARN または ID を書いてください: 今の値は {given} です"
    ),
    "write the name of an SSM parameter below {path} in tag {key}, as {example}: it has {given}": (
        "タグ {key} に、{path} の下の SSM パラメータの名前を {example} のように書いてください: 今の値は {given} です"
    ),
    "write accounts and their ids in tag {key}: this network has no org": (
        "タグ {key} に accounts とその ID を書いてください: このネットワークには組織がありません"
    ),
    (
        "name the service with {number} to {most} of a-z 0-9 and single inner hyphens, not starting with svc-: the tag "
        "has {given}"
    ): (
        "サービス名は a-z 0-9 と途中の単独のハイフンで {number} から {most} 文字、svc- 以外で始めてください: タグの値は"
        " {given} です"
    ),
    (
        "write one whole host name of your own as api.shop.example.jp, in punycode where it has other letters: the tag "
        "has {given}"
    ): (
        "自分のホスト名を 1 つ、api.shop.example.jp のように書いてください。日本語などの文字は Punycode で書きます: タ"
        "グの値は {given} です"
    ),
    "write a host name of your own: {given} is Amazon's": (
        "自分のホスト名を書いてください: {given} は Amazon のものです"
    ),
    # --- auth policies
    "write JSON: it is none": "JSON を書いてください: JSON ではありません",
    "write JSON: it is none: SSM parameter {parameter}": (
        "JSON を書いてください: JSON ではありません: SSM パラメータ {parameter}"
    ),
    "write an object with Version and Statement: it is none": (
        "Version と Statement のあるオブジェクトを書いてください: オブジェクトではありません"
    ),
    "write an object with Version and Statement: it is none: SSM parameter {parameter}": (
        "Version と Statement のあるオブジェクトを書いてください: オブジェクトではありません: SSM パラメータ "
        "{parameter}"
    ),
    "mend it: {why}": "直してください: {why}",
    "mend it: {why}: SSM parameter {parameter}": "直してください: {why}: SSM パラメータ {parameter}",
    "write a Principal in statement {name}: it has none": (
        "ステートメント {name} に Principal を書いてください: ありません"
    ),
    "write a Principal in statement {name}: it has none: SSM parameter {parameter}": (
        "ステートメント {name} に Principal を書いてください: ありません: SSM パラメータ {parameter}"
    ),
    "write {most} bytes at most: it has {number}": "{most} バイトまでにしてください: {number} バイトあります",
    "write {most} bytes at most: it has {number}: SSM parameter {parameter}": (
        "{most} バイトまでにしてください: {number} バイトあります: SSM パラメータ {parameter}"
    ),
    "put your policy into SSM parameter {parameter} as a String: there is none": (
        "SSM パラメータ {parameter} に、自分のポリシーを String で置いてください: ありません"
    ),
    "not JSON: {error}": "JSON ではありません: {error}",
    "a policy is an object with Statement": "ポリシーは Statement のあるオブジェクトです",
    "statement {name} is not an object": "ステートメント {name} がオブジェクトではありません",
    "statement {name} has the unknown element {element}": "ステートメント {name} に知らない要素 {element} があります",
    "statement {name}: Effect is Allow or Deny": "ステートメント {name}: Effect は Allow か Deny です",
    "statement {name} has both {one} and {other}": "ステートメント {name} に {one} と {other} の両方があります",
    "statement {name} has neither Action nor NotAction": "ステートメント {name} に Action も NotAction もありません",
    "statement {name}: Sid is a text": "ステートメント {name}: Sid は文字列です",
    "{what} is a text or a list of texts": "{what} は文字列か、文字列の一覧です",
    "statement {name}: Principal is '*' or an object": "ステートメント {name}: Principal は '*' かオブジェクトです",
    "statement {name}: unknown kind of principal {kind}": (
        "ステートメント {name}: 知らない種類のプリンシパル {kind} です"
    ),
    "statement {name}: Condition is an object of objects": (
        "ステートメント {name}: Condition はオブジェクトのオブジェクトです"
    ),
    "statement {name}: unknown condition operator {operator}": (
        "ステートメント {name}: 知らない条件演算子 {operator} です"
    ),
    # --- what is there already
    (
        "network {network} still holds this VPC: it joins here when that has let it go. If it stays ask infra: "
        "Vanish may keep it"
    ): (
        "この VPC はまだネットワーク {network} にあります: そこから離れたら、ここに参加します。変わらないときはインフラ"
        "チームに聞いてください: Vanish が残しているかもしれません"
    ),
    "remove this VPC's association with {network}: a VPC is in one network only": (
        "この VPC と {network} の関連付けを削除してください: 1 つの VPC が入れるネットワークは 1 つだけです"
    ),
    "remove the association of this VPC with the network that somebody else made, or this tag": (
        "他の手で作られた、この VPC とネットワークの関連付けを削除するか、このタグを外してください"
    ),
    "name security groups of this VPC: {groups} is not in it": (
        "この VPC のセキュリティグループを書いてください: {groups} はこの VPC にありません"
    ),
    "name prefix lists of your own, or shared with you: {lists} is none of them": (
        "自分の、または共有されたプレフィックスリストを書いてください: {lists} はそのどれでもありません"
    ),
    "choose another name, or take it off what asks for it in network {network}: {name} is in use there": (
        "別の名前にするか、ネットワーク {network} でその名前を求めているものから外してください: {name} はそこで使われて"
        "います"
    ),
    (
        "network {network} still holds service {name}: it joins here when that has let it go. If it stays ask "
        "infra: Vanish may keep it"
    ): (
        "サービス {name} はまだネットワーク {network} にあります: そこから離れたら、ここに参加します。変わらないときは"
        "インフラチームに聞いてください: Vanish が残しているかもしれません"
    ),
    (
        "delete the service to free its name, or set Vanish to everything: {name} is asked for in network {network}, "
        "which waits until it is gone here, and Vanish is {vanish}"
    ): (
        "サービスを削除して名前を空けるか、Vanish を everything にしてください: {name} はネットワーク {network} で求め"
        "られていて、ここからなくなるのを待っていますが、Vanish が {vanish} です"
    ),
    (
        "set Vanish to everything: {name} is asked for in network {network}, which waits until it is gone here, and "
        "Vanish is {vanish}"
    ): (
        "Vanish を everything にしてください: {name} はネットワーク {network} で求められていて、ここからなくなるのを待"
        "っていますが、Vanish が {vanish} です"
    ),
    (
        "set Vanish to associations or everything: {name} is asked for in network {network}, which waits until it is "
        "gone here, and Vanish is {vanish}"
    ): (
        "Vanish を associations か everything にしてください: {name} はネットワーク {network} で求められていて、ここか"
        "らなくなるのを待っていますが、Vanish が {vanish} です"
    ),
    (
        "put tag {key} = {yes} on service {name} to hand it over as it is, or choose another name: it is there and not "
        "ours"
    ): (
        "サービス {name} をそのまま引き渡すなら、それにタグ {key} = {yes} を付けてください。そうでなければ別の名前にし"
        "てください: すでにあり、こちらのものではありません"
    ),
    (
        "put tag {key} = {yes} on the association of this VPC that somebody else made to hand it over as it is, or "
        "remove it or this tag: {id}"
    ): (
        "この VPC の、他の手で作られた関連付けをそのまま引き渡すなら、それにタグ {key} = {yes} を付けてください。そうで"
        "なければ、それかこのタグを外してください: {id}"
    ),
    # --- what is handed over
    "its owner hands it over": "持ち主が引き渡します",
    "its owner takes it back": "持ち主が引き取ります",
    (
        "write in the rule tags what the rules of service {name} ask for, as path-prefix = / with its priority: by "
        "default its listener sends to nobody"
    ): (
        "サービス {name} のルールが求めるものをルールのタグに書いてください(path-prefix = / と priority など): リスナー"
        "のデフォルトはどこにも送りません"
    ),
    (
        "put tag {key} = {yes} on the target group, too, by which service {name} sends to port {port} of the load "
        "balancer by {protocol}: none that is handed over does"
    ): (
        "サービス {name} がロードバランサーのポート {port} へ {protocol} で送るターゲットグループにも、タグ {key} = "
        "{yes} を付けてください: 引き渡されたものにはありません"
    ),
    "write in the listen tag what service {name} listens for: it has no listener {protocol}:{port}": (
        "サービス {name} が待ち受けているものを listen タグに書いてください: リスナー {protocol}:{port} はありません"
    ),
    "write in the listen tag all that service {name} listens for: it has a listener {listener}, too": (
        "サービス {name} が待ち受けているものをすべて listen タグに書いてください: リスナー {listener} もあります"
    ),
    (
        "write in the tags what listener {listener} of service {name} does by default, or change it by hand: it sends "
        "elsewhere or by other weights"
    ): (
        "サービス {name} のリスナー {listener} がデフォルトですることをタグに書くか、手で直してください: 送り先か重みが"
        "違います"
    ),
    "write in the tags what service {name} has, or change it by hand: {why}": (
        "サービス {name} にあるものをタグに書くか、手で直してください: {why}"
    ),
    (
        "put tag {key} = {yes} on the security group of this VPC's association, too, or name it in the security-groups "
        "tag: {groups}"
    ): (
        "この VPC の関連付けのセキュリティグループにもタグ {key} = {yes} を付けるか、security-groups タグに書いてくださ"
        "い: {groups}"
    ),
    "write in the tags who may call as {groups} has it, or change its rules by hand: they differ": (
        "呼び出してよい相手を {groups} のとおりにタグに書くか、そのルールを手で直してください: 違っています"
    ),
    "write in the security-groups tag what the association has, or change that by hand: {groups}": (
        "関連付けにあるものを security-groups タグに書くか、手で直してください: {groups}"
    ),
    (
        "choose another name, or put tag {key} back if a run of this network made it: target group {name} is there "
        "without it"
    ): (
        "別の名前にしてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: ターゲットグ"
        "ループ {name} がそのタグなしにあります"
    ),
    (
        "choose another name, or put tag {key} back if a run of this network made it: security group {name} is there "
        "without it"
    ): (
        "別の名前にしてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: セキュリティ"
        "グループ {name} がそのタグなしにあります"
    ),
    (
        "listen on another port, or put tag {key} back if a run of this network made it: listener {listener} of "
        "service {name} is there without it"
    ): (
        "別のポートで待ち受けてください。このネットワークの実行が作ったものなら、タグ {key} を付け直してください: サー"
        "ビス {name} のリスナー {listener} がそのタグなしにあります"
    ),
    "take the load balancer out of one of {groups}: it is in {number} target groups and may be in {most}": (
        "ロードバランサーを {groups} のどれかから外してください: {number} 個のターゲットグループに入っていて、上限は "
        "{most} 個です"
    ),
    (
        "take {target} port {port} out of target group {group}: somebody put it there in place of this load balancer"
        " and gets its requests"
    ): (
        "ターゲットグループ {group} から {target} のポート {port} を外してください: このロードバランサーの代わりに"
        "登録され、リクエストを受けています"
    ),
    "remove a listener of service {name} that is not ours: it has the {most} it may": (
        "サービス {name} の、こちらが作ったものでないリスナーを 1 つ削除してください: 上限の {most} つがあります"
    ),
    (
        "write {listens} in the listen tag, or mend the tags of those that it sends to: listener {listener} of service "
        "{name} is in use"
    ): (
        "listen のタグに {listens} を書くか、転送先のタグを直してください: サービス {name} のリスナー {listener} は使わ"
        "れています"
    ),
    "remove the association of service {name} with the network that somebody else made: it is {status}": (
        "他の手で作られた、サービス {name} とネットワークの関連付けを削除してください: {status} です"
    ),
    (
        "write another {key} where {name} is asked for by name: that service is there without domain {domain}, and "
        "none can be given to it"
    ): (
        "名前で {name} を求めているところに別の {key} を書いてください: そのサービスはドメイン {domain} なしであり、後"
        "から付けることはできません"
    ),
    (
        "make certificate {certificate} the default of the HTTPS listener of load balancer {name} and keep the other "
        "beside it: Lattice calls it only with the service's own"
    ): (
        "ロードバランサー {name} の HTTPS リスナーのデフォルトを証明書 {certificate} にして、今の証明書も残してください"
        ": Lattice が届くのはサービス自身と同じ証明書のときだけです"
    ),
    (
        "choose another domain, or ask account {account} to give it up: {domain} is on the network already by its "
        "service {service}"
    ): (
        "別のドメインにするか、アカウント {account} に手放すよう頼んでください: {domain} はそのサービス {service} がす"
        "でにネットワークで使っています"
    ),
    (
        "name a certificate of this account and region in {key} that is ISSUED with an RSA 2048 key and covers {domain}"
        ": {certificate} is none"
    ): (
        "{key} に、このアカウントとリージョンの、ISSUED で RSA 2048 の、{domain} に合う証明書を書いてください: "
        "{certificate} は合いません"
    ),
    (
        "request a certificate for {domain} with an RSA 2048 key in ACM of this account or write HTTP:80 in {key}: no "
        "ISSUED one covers it"
    ): (
        "このアカウントの ACM で {domain} の証明書を RSA 2048 で発行するか、{key} に HTTP:80 と書いてください: 合う "
        "ISSUED の証明書がありません"
    ),
    "certificates cannot be read: {why}": "証明書を読み取れません: {why}",
    "import certificate {id} anew before {ends}: nobody renews it": (
        "証明書 {id} を {ends} までにインポートし直してください: 自動では更新されません"
    ),
    "clients may use {domain} too once its DNS record is an alias or CNAME of {name}": (
        "DNS レコードを {name} へのエイリアスか CNAME にすると、クライアントは {domain} も使えます"
    ),
    "clients may use {domain} too": "クライアントは {domain} も使えます",
    "clients use {domain} and no other name: a connection lives 10 minutes at most": (
        "クライアントは {domain} だけを使います。接続は長くても 10 分です"
    ),
    "the records of {domain} are on their way: until then clients use {name}": (
        "{domain} の DNS レコードを作っています。それまでは {name} を使ってください"
    ),
    "remove {type} {record} from hosted zone {zone} or tag {key}: somebody else made it": (
        "ホストゾーン {zone} から {type} レコード {record} を消すか、タグ {key} を外してください: ほかの人が作ったもの"
        "です"
    ),
    "ask account {account} to let {domain} go on network {network}, or remove tag {key}: it has the records": (
        "アカウント {account} に、ネットワーク {network} で {domain} を手放すよう頼むか、タグ {key} を外してください:"
        " そのレコードがあります"
    ),
    "ask infra to name the hosted zone of {domain} in HostedZoneArns, or remove {key}: {why}": (
        "インフラに、{domain} のホストゾーンを HostedZoneArns に加えてもらうか、{key} を外してください: {why}"
    ),
    "name {zone} in HostedZoneArns again, or remove the records of {domain} in it: {why}": (
        "{zone} を HostedZoneArns に戻すか、その中の {domain} のレコードを消してください: {why}"
    ),
    "name one of {zones} in {key}: several hosted zones are called {name}": (
        "{key} に {zones} のどれかを書いてください: {name} という名前のホストゾーンが複数あります"
    ),
    "make a hosted zone for {domain} in this account or the network account, or remove {key}: none holds it": (
        "このアカウントかネットワークのアカウントに {domain} のホストゾーンを作るか、{key} を外してください:"
        " 合うものがありません"
    ),
    "name a hosted zone in {key} whose name {domain} ends with: {zone} is for {name}": (
        "{key} に、{domain} の末尾と同じ名前のホストゾーンを書いてください: {zone} は {name} のものです"
    ),
    "name a hosted zone of this account or the network account in {key}: {zone} is none": (
        "{key} に、このアカウントかネットワークのアカウントのホストゾーンを書いてください: {zone} はありません"
    ),
    "add {domain} or remove {key}: the records are a domain's": (
        "{domain} を書くか、{key} を外してください: レコードはドメインのものです"
    ),
    "write the id of a hosted zone in tag {key}, as Z0123456789ABC, or {any} for the one of this account that fits: it"
    " has {value}": (
        "タグ {key} に、ホストゾーンの ID を Z0123456789ABC のように書くか、このアカウントで合うものを選ぶ {any} を"
        "書いてください: 今は {value} です"
    ),
    "choose a domain of {most} letters at most or remove {key}: it is too long": (
        "{most} 文字までのドメインにするか、{key} を外してください: 長すぎます"
    ),
    "the records of {domain} cannot be read: {why}": "{domain} の DNS レコードを読めません: {why}",
    "make log group {group} in the account of the load balancer, or name one that is there": (
        "ロードバランサーのアカウントにロググループ {group} を作るか、あるものを書いてください"
    ),
    "remove the access log of service {name} that somebody else made, or this tag: it has one only": (
        "他の手で作られた、サービス {name} のアクセスログを削除するか、このタグを外してください: アクセスログは 1 つだ"
        "けです"
    ),
    "put tag {key} = {network} back on {id}: somebody took it off, and without it we may not change it": (
        "{id} にタグ {key} = {network} を付け直してください: 誰かが外したため、変更できません"
    ),
    "put tag {key} = {network} back on {id}: somebody took it off, and without it we may not change it ({name})": (
        "{id} にタグ {key} = {network} を付け直してください: 誰かが外したため、変更できません ({name})"
    ),
    (
        "remove our tag from it, if it is not meant to be ours: nothing shows that we made it, so it is left alone ("
        "{name})"
    ): (
        "こちらのものでなければ、こちらのタグを外してください: こちらが作ったと確認できないため、手を付けません ({name}"
        ")"
    ),
    (
        "remove this auth type if it is not meant: somebody set {type} on service {name}, which turns unsigned callers "
        "away"
    ): (
        "意図したものでなければ、この認証タイプを戻してください: 誰かがサービス {name} に {type} を設定し、署名のない呼"
        "び出しが拒否されています"
    ),
    (
        "remove the rule if it is not meant: somebody made {rule} on listener {listener} of service {name}, and it "
        "takes requests"
    ): (
        "意図したものでなければ、ルールを削除してください: 誰かがサービス {name} のリスナー {listener} に {rule} を作り"
        "、リクエストを受け取っています"
    ),
    "service {name} sends to target group {group}, take it out of its listeners: {why}": (
        "サービス {name} がターゲットグループ {group} に転送しています。リスナーから外してください: {why}"
    ),
    "{groups} refers to security group {group}, take it out of its rules": (
        "{groups} がセキュリティグループ {group} を参照しています。ルールから外してください"
    ),
    # --- what keeps requests out
    "give {key} above 0 to a load balancer of this service: all its weights are 0": (
        "このサービスのロードバランサーのどれかで {key} を 1 以上にしてください: 重みがすべて 0 です"
    ),
    "turn on {names} in {vpc}: without it names of Lattice do not resolve there": (
        "{vpc} で {names} を有効にしてください: 無効のままでは Lattice の名前を解決できません"
    ),
    "admit the callers in {group}: no rule of the security groups of this VPC in the network lets anybody in": (
        "{group} で呼び出し元を許可してください: この VPC がネットワークで使うセキュリティグループは誰も許可していませ"
        "ん"
    ),
    (
        "admit prefix list {list} {name} on TCP port {port}: what is admitted now is a part of it and Lattice may call "
        "from the rest"
    ): (
        "プレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: 今はその一部だけで、Lattice は残り"
        "からも呼び出します"
    ),
    "mind the default action of listener {listener}: what matches no rule is answered {answer}": (
        "リスナー {listener} のデフォルトアクションを確認してください: どのルールにも合わないリクエストに {answer} を返"
        "します"
    ),
    (
        "mend the health check or the targets: none is healthy and the load balancer sends to all as long as that is "
        "so: {states}"
    ): (
        "ヘルスチェックかターゲットを直してください: 正常なターゲットがなく、ロードバランサーはその間すべてに送ります: "
        "{states}"
    ),
    "add a listener {listener} or name one that is there in {key}: nothing listens on port {port}": (
        "リスナー {listener} を追加するか、{key} にあるリスナーを書いてください: ポート {port} で待ち受けていません"
    ),
    "set {key} to {listener}: the listener there does not speak {protocol}": (
        "{key} を {listener} にしてください: そのリスナーは {protocol} ではありません"
    ),
    (
        "admit prefix list {list} {name} on TCP port {port} in {group}: no security group of this load balancer lets "
        "Lattice in"
    ): (
        "{group} でプレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: このロードバランサーのセ"
        "キュリティグループは Lattice を許可していません"
    ),
    "admit prefix list {list} {name} on TCP port {port}: no security group of this load balancer lets Lattice in": (
        "プレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: このロードバランサーのセキュリティ"
        "グループは Lattice を許可していません"
    ),
    (
        "add an HTTP listener that forwards and set {key} to it: Lattice calls {listener} only with the certificate of "
        "the service which has none of its own"
    ): (
        "転送する HTTP リスナーを追加し、{key} に書いてください: Lattice が {listener} に届くのはサービス自身の証明書の"
        "ときだけで、サービスは証明書を持っていません"
    ),
    (
        "add an HTTP listener that forwards and set {key} to it: Lattice calls {listener} only with the certificate of "
        "the service which has certificate {certificate}"
    ): (
        "転送する HTTP リスナーを追加し、{key} に書いてください: Lattice が {listener} に届くのはサービス自身の証明書 "
        "{certificate} のときだけです"
    ),
    "set {key} to an HTTP listener that forwards: {listener} sends every client away to {url}": (
        "{key} を転送する HTTP リスナーにしてください: {listener} はすべてのクライアントを {url} へリダイレクトします"
    ),
    "set {key} to an HTTP listener that forwards: {listener} sends every client away": (
        "{key} を転送する HTTP リスナーにしてください: {listener} はすべてのクライアントをリダイレクトします"
    ),
    (
        "set {key} to an HTTP listener that forwards or let this one forward: {listener} answers every request {answer}"
        " by itself"
    ): (
        "{key} を転送する HTTP リスナーにするか、このリスナーで転送してください: {listener} はすべてのリクエストに自分"
        "で {answer} を返します"
    ),
    "give a weight above 0 to a target group of listener {listener}: all are 0": (
        "リスナー {listener} のターゲットグループのどれかの重みを 1 以上にしてください: すべて 0 です"
    ),
    "register a target behind listener {listener}: its target groups are empty": (
        "リスナー {listener} の後ろにターゲットを登録してください: ターゲットグループが空です"
    ),
    "wait for the first health check behind listener {listener}: none is healthy: {states}": (
        "リスナー {listener} の後ろの最初のヘルスチェックを待ってください: 正常なターゲットがありません: {states}"
    ),
    "start or repair a target behind listener {listener}: none is healthy: {states}": (
        "リスナー {listener} の後ろのターゲットを起動するか直してください: 正常なターゲットがありません: {states}"
    ),
    # --- the network, and infra
    "ask infra: the RAM permission by which the network is shared lacks {action}": (
        "インフラチームに連絡してください: ネットワークの共有に使う RAM のアクセス許可に {action} がありません"
    ),
    (
        "accept the next invitation in RAM, a day after the last, or remove the tag {key}: that to network {network} "
        "was rejected in this account"
    ): (
        "前回の 1 日後に届く次の招待を RAM で承認するか、タグ {key} を外してください: ネットワーク {network} への招待は"
        "、このアカウントで拒否されました"
    ),
    "accept the resource share invitation of this network in RAM: it expires after 12 hours": (
        "RAM でこのネットワークのリソース共有の招待を承認してください: 12 時間で期限が切れます"
    ),
    "allow {actions} in {permission}, or leave SharePermissionArn empty: nobody can join": (
        "{permission} で {actions} を許可するか、SharePermissionArn を空にしてください: 誰も参加できません"
    ),
    "approval {id}: infra has to approve it first": "承認 {id}: 先にインフラチームの承認が必要です",
    "ask infra why it was rejected, or change the tags to ask anew ({id})": (
        "インフラチームに理由を確認するか、タグを変えて改めて申請してください ({id})"
    ),
    "ask infra, which keeps it off the network for now": (
        "インフラチームに確認してください。今はネットワークから外しています"
    ),
    "infra lets nothing go off this network: ask there": (
        "インフラチームの設定で、このネットワークからは何も外れません: インフラチームに確認してください"
    ),
    "too many leave at once: infra has to let them go": "一度に離れる数が多すぎます: インフラチームの判断が必要です",
    (
        "let them go with onramp release --account {account}, or raise DeletionLimit, if this is meant:"
        " {leavers} ({shown}) left at once and the limit is {most}: nothing of them is deleted"
    ): (
        "意図したものなら、onramp release --account {account} で離すか、DeletionLimit を上げてください: {leavers}"
        " ({shown}) が一度に離れようとしていて、上限は {most} です: どれも削除していません"
    ),
    "put the tag back to stay: it leaves {number} s after the tag went": (
        "残すにはタグを付け直してください: タグを外してから {number} 秒で離れます"
    ),
    "put the tag back to stay: it leaves when another one of its service can serve": (
        "残すにはタグを付け直してください: 同じサービスのほかのものが応答できるようになると離れます"
    ),
    "ask for it again to have it back under the same name": "もう一度求めれば、同じ名前で戻ります",
    "remove association {id} that somebody else made: service {name} is kept for it": (
        "他の手で作られた関連付け {id} を削除してください: そのためにサービス {name} を残しています"
    ),
    "remove association {id} that somebody else made: service {name} is kept for it ({arn})": (
        "他の手で作られた関連付け {id} を削除してください: そのためにサービス {name} を残しています ({arn})"
    ),
    "free a tag: of {most} none is left for {keys}": (
        "タグを 1 つ減らしてください: {most} 個の枠が埋まっていて、{keys} を書けません"
    ),
    (
        "let role {role} read it, or lift what denies it: {what} cannot be read, and what depends on it stays as it "
        "is: {why}"
    ): (
        "ロール {role} に読み取りを許可するか、拒否しているものを外してください: {what} を読み取れず、それに関わるもの"
        "は今のまま残します: {why}"
    ),
    "the account's {what} cannot be read: {why}": "アカウントの {what} を読み取れません: {why}",
    "log group {name} cannot be read: {why}": "ロググループ {name} を読み取れません: {why}",
    "parameter {name} cannot be read: {why}": "パラメータ {name} を読み取れません: {why}",
    "the settings of service {name} cannot be read: {why}": "サービス {name} の設定を読み取れません: {why}",
    "{what} cannot be read: {why}": "{what} を読み取れません: {why}",
    "{role} cannot be assumed: deploy member.yaml of this network to account {account}": (
        "{role} に入れません: アカウント {account} にこのネットワークの member.yaml をデプロイしてください"
    ),
    "account {account} cannot be read: {why}": "アカウント {account} を読み取れません: {why}",
    "name a profile of that account as well: only the network's functions may assume role {role} in it": (
        "そのアカウントのプロファイルも指定してください: そのアカウントのロール {role} を引き受けられるのは、ネッ"
        "トワークの関数だけです"
    ),
    "no network is known whose reader role could be used": "使える読み取り用ロールのあるネットワークが分かりません",
    # --- quotas, and what AWS refuses
    "raise quota {quota} or free something: {why}": "クォータ {quota} を引き上げるか、何かを空けてください: {why}",
    "raise the quota or free something: {why}": "クォータを引き上げるか、何かを空けてください: {why}",
    "raise quota {quota} or free something: {name} met it, and nothing is begun here before there is room for that": (
        "クォータ {quota} を引き上げるか、何かを空けてください: {name} がこのクォータに達していて、その分が空くまでここ"
        "では何も始めません"
    ),
    "raise the quota or free something: {name} met it, and nothing is begun here before there is room for that": (
        "クォータを引き上げるか、何かを空けてください: {name} がクォータに達していて、その分が空くまでここでは何も始め"
        "ません"
    ),
    "give what the service control policy above demands, tags by ExtraTagKeys, or have it lifted: {why}": (
        "上位のサービスコントロールポリシー (SCP) が求めるものを満たすか (タグは ExtraTagKeys)、ポリシーを外してもらっ"
        "てください: {why}"
    ),
    "allow it in the permissions boundary of the role, BoundaryPolicy: {why}": (
        "ロールのアクセス許可の境界 BoundaryPolicy で許可してください: {why}"
    ),
    "grant it to the role, or lift the policy above it that denies it: {why}": (
        "ロールに許可するか、拒否している上位のポリシーを外してください: {why}"
    ),
    "switch on sharing with the organization in RAM's management account: {why}": (
        "管理アカウントで、RAM の組織内共有を有効にしてください: {why}"
    ),
    "remove or rename it, since it is not ours: {why}": (
        "こちらが作ったものではないため、削除するか、名前を変えてください: {why}"
    ),
    "it is {status}: AWS gives no reason": "{status} です: AWS は理由を示していません",
    "it is {status}: {why}": "{status} です: {why}",
    "it is {status}": "{status} です",
    "asked {number} times, and it is still there": "{number} 回求めましたが、まだあります",
    "asked {number} times, and it is as it was": "{number} 回求めましたが、変わっていません",
    "given up until the next look: {why}": "次に見るまで待つのをやめました: {why}",
    # --- what is waited for
    "its tag asks for the network": "タグがネットワークへの参加を求めています",
    "service {name} is {status}": "サービス {name} は {status} です",
    "association of service {name} is {status}": "サービス {name} の関連付けは {status} です",
    "target group {name} is {status}": "ターゲットグループ {name} は {status} です",
    "association of {vpc} is {status}": "{vpc} の関連付けは {status} です",
    "the association of {vpc} with another network is {status}": "{vpc} と別のネットワークの関連付けは {status} です",
    "a service {name} of somebody else is {status}": "他の人のサービス {name} は {status} です",
    "the load balancer is being registered in target group {name}": (
        "ロードバランサーをターゲットグループ {name} に登録しています"
    ),
    "mend the tags of load balancer {name}: service {service} keeps its settings until then": (
        "先にロードバランサー {name} のタグを直してください: それまでサービス {service} の設定は変わりません"
    ),
    "what service {name} has of its settings is not known yet": "サービス {name} の設定は、まだ読み取られていません",
    "who calls is not asked yet: the auth policy is on its way": (
        "認証ポリシーの反映を待っています: それまで呼び出し元は確かめられません"
    ),
    "give {key} above 0 here, or mend the others of the service: none answers": (
        "{key} を 1 以上にするか、同じサービスの他のロードバランサーを直してください: どれも応答していません"
    ),
    "whether domain {domain} is free on the network is not known yet": (
        "ドメイン {domain} がネットワークで空いているか、まだ分かっていません"
    ),
    "write {cidr} in tag {key}: it has the IPv4 range as an IPv6 one, {text}": (
        "タグ {key} には {cidr} と書いてください: IPv4 の範囲が IPv6 の形 {text} で書かれています"
    ),
    (
        "the share has not reached the account yet. If that lasts, let role {role} see the network, or lift what "
        "denies it: {why}"
    ): (
        "共有がまだアカウントに届いていません。続く場合は、ロール {role} にネットワークを参照させるか、拒否している"
        "ものを外してください: {why}"
    ),
    "there is none: {why}": "ありません: {why}",
    "name a {what} that is there, of this account and region": (
        "このアカウントとリージョンにある {what} を指定してください"
    ),
    "target group {name} takes requests soon": "ターゲットグループ {name} はまもなくリクエストを受けられます",
    "the load balancer leaves target group {name} first": (
        "先にロードバランサーがターゲットグループ {name} から外れます"
    ),
    "target group {name} goes first: a load balancer is in two at most": (
        "先にターゲットグループ {name} がなくなります: ロードバランサーが入れるのは 2 つまでです"
    ),
    "listener {listener} of service {name} goes first: it is in use until then": (
        "先にサービス {name} のリスナー {listener} がなくなります: それまでは使われています"
    ),
    "network {network} lets service {name} go first": "先にネットワーク {network} がサービス {name} を手放します",
    "network {network} lets {vpc} go first": "先にネットワーク {network} が {vpc} を手放します",
    "service {name} of account {account} lets domain {domain} go": (
        "アカウント {account} のサービス {name} がドメイン {domain} を手放します"
    ),
    "{name} leaves when its quiet time is over": "{name} は静止時間 (QuietSeconds) が過ぎると離れます",
    "the records of {domain} go when their quiet time is over": (
        "{domain} の DNS レコードは静止時間 (QuietSeconds) が過ぎると消えます"
    ),
    "the records of {domain} go before service {name}": "サービス {name} より先に、{domain} の DNS レコードが消えます",
    "{number} more steps for the next rounds": "残りの {number} 個の手順は次のラウンドで行います",
    "an earlier share is being ended": "以前の共有を終了しています",
    "the share is being ended": "共有を終了しています",
    "the share has not reached the account yet": "共有がまだアカウントに届いていません",
    "the invitation is looked for by the next look": "招待は次の実行で探します",
    "the invitation has not come yet": "招待がまだ届いていません",
    "it is there, with our mark: the next look has it": "こちらの印の付いたものがあります: 次の実行で取り込みます",
    "no answer: {error}": "応答がありません: {error}",
    "{kind} has to be done first": "先に {kind} が必要です",
    # --- what a client can call
    "{services} - their names: onramp status --from {vpc}": "{services} - 名前の一覧: onramp status --from {vpc}",
    "{services} - {most} of them asks who calls - their names: onramp status --from {vpc}": (
        "{services} - うち {most} 件は呼び出し元を確認 - 名前の一覧: onramp status --from {vpc}"
    ),
    "{services} - {most} of them ask who calls - their names: onramp status --from {vpc}": (
        "{services} - うち {most} 件は呼び出し元を確認 - 名前の一覧: onramp status --from {vpc}"
    ),
    # --- counts, as they stand in other sentences
    "1 service": "サービス 1 件",
    "{number} services": "サービス {number} 件",
    "1 client": "クライアント 1 件",
    "{number} clients": "クライアント {number} 件",
    "1 account": "アカウント 1 件",
    "{number} accounts": "アカウント {number} 件",
    "1 event": "イベント 1 件",
    "{number} events": "イベント {number} 件",
    "1 service or client": "1 個のサービスまたはクライアント",
    "{number} services and clients": "{number} 個のサービスとクライアント",
    "1 rule": "ルール 1 個",
    "{number} rules": "ルール {number} 個",
    "1 VPC": "1 個の VPC ",
    "{number} VPCs": "{number} 個の VPC ",
    "1 tagged load balancer": "タグの付いたロードバランサー 1 台",
    "{number} tagged load balancers": "タグの付いたロードバランサー {number} 台",
    # --- accounts
    "{account} sends events and is not in MemberAccounts: add it there and deploy, or delete its member"
    " stack. What is connected stays until then": (
        "{account} からイベントが届きましたが、MemberAccounts にありません: 加えてデプロイするか、そのメンバース"
        "タックを削除してください。接続済みのものはそれまで残ります"
    ),
    "{account} is in MemberAccounts and has never sent an event: deploy member.yaml of {network} to it, or"
    " take it off the list": (
        "{account} は MemberAccounts にありますが、一度もイベントが届いていません: {network} の member.yaml をデ"
        "プロイするか、一覧から外してください"
    ),
    "{account} has sent no event for {number} hours, and its schedule sends one every hour: its member"
    " stack is gone, its schedule {schedule} is off, or the bus does not admit it. What is connected stays;"
    " what changes there is not seen": (
        "{account} から {number} 時間イベントが届いていません。スケジュールは毎時動くはずです: メンバースタックが"
        "ないか、スケジュール {schedule} が無効か、バスが受け入れていません。接続済みのものは残りますが、そこでの"
        "変更は見えません"
    ),
    (
        "no run could look at {account} for {number} hours, or not at all that it asks for: see its refusal, or what "
        "keeps its role {role} from reading. What is connected stays; what is not read is not changed"
    ): (
        "{number} 時間、どの実行も {account} の求めるものを全部または一部読み取れていません: 拒否の内容か、ロール "
        "{role} の読み取りを妨げているものを確認してください。接続済みのものは残り、読み取れないものは変更しません"
    ),
    (
        "{account} has member stack {one}, and the network's is {other}: one minor version apart fits, no more. Deploy "
        "member.yaml of {other} to it. What is connected stays; what is new may fail there"
    ): (
        "{account} のメンバースタックは {one}、ネットワークのスタックは {other} です: マイナーバージョンは 1 つ違いまで"
        "です。{other} の member.yaml をデプロイしてください。接続済みのものは残りますが、新しいものは失敗することがあ"
        "ります"
    ),
    "{account} is well again ({code} is over)": "{account} は正常に戻りました ({code} は解消)",
    # --- mails
    "Network {network}, account {account}:": "ネットワーク {network}、アカウント {account}:",
    "Network {network}:": "ネットワーク {network}:",
    "to be approved: {id} (onramp approve {id})": "承認待ち: {id} (onramp approve {id})",
    "service {name} of account {account} joins network {network} and listens on {listens}": (
        "アカウント {account} のサービス {name} がネットワーク {network} に参加し、{listens} で待ち受けます"
    ),
    "service {name} of account {account} joins network {network} and listens on {listens} under {domain}": (
        "アカウント {account} のサービス {name} がネットワーク {network} に参加し、{domain} の {listens} で待ち受けます"
    ),
    "requests go to {arn}, listener {listener}, weight {number}": (
        "リクエストの送り先は {arn}、リスナー {listener}、重み {number} です"
    ),
    "VPC {vpc} of account {account} joins network {network} and may call its services": (
        "アカウント {account} の VPC {vpc} がネットワーク {network} に参加し、サービスを呼び出せるようになります"
    ),
    "who may call from it: {who}": "呼び出せるのは: {who}",
    "who may call from it: its own {groups} decide": "呼び出せるのは: VPC 自身の {groups} が決めます",
    "{number} more are not in this mail: see the log of {log}": (
        "このメールに入らなかったものが {number} 件あります: {log} のログを見てください"
    ),
    "... and {number} more lines": "... ほか {number} 行",
    "... and {number} more lines: onramp status has all": "... ほか {number} 行: すべては onramp status で見られます",
    "Network {network}: {services}, {clients}, {accounts}.": (
        "ネットワーク {network}: {services}、{clients}、{accounts}。"
    ),
    "Nobody joined or left, and nothing is refused or unreachable.": "参加も離脱もなく、拒否も到達不能もありません。",
    "Joined ({number}):": "参加 ({number}):",
    "Left ({number}):": "離脱 ({number}):",
    "Refused ({number}):": "拒否 ({number}):",
    "Unreachable or failed ({number}):": "到達不能または失敗 ({number}):",
    "Waiting for approval ({number}):": "承認待ち ({number}):",
    "Held ({number}):": "保留 ({number}):",
    "Accounts that are not well ({number}):": "正常でないアカウント ({number}):",
    # --- onramp trace: what was found at each hop
    "the name belongs to service {name} of {account}": "名前はアカウント {account} のサービス {name} のものです",
    "DNS support or DNS hostnames are off in {vpc}, so no Lattice name resolves there": (
        "{vpc} の DNS サポートか DNS ホスト名が無効なため、Lattice の名前を解決できません"
    ),
    "turn on both attributes of {vpc}: enableDnsSupport and enableDnsHostnames": (
        "{vpc} の属性を両方とも有効にしてください: enableDnsSupport と enableDnsHostnames"
    ),
    "{host} points at {name}, which does not have it as custom domain": (
        "{host} は {name} を指していますが、そのサービスのカスタムドメインではありません"
    ),
    "point the record at the service that has the name, or ask by a name of this one": (
        "その名前を持つサービスへレコードを向けるか、このサービスの名前で呼び出してください"
    ),
    "{host} is a name of {region}, and the caller's VPC is in {other}": (
        "{host} は {region} の名前ですが、呼び出し元の VPC は {other} にあります"
    ),
    "a network reaches within its region: offer the service in {region}": (
        "ネットワークはリージョンの中でしか届きません: {region} でサービスを提供してください"
    ),
    "{host} has no DNS record that points at the service's Lattice name": (
        "{host} には、サービスの Lattice の名前を指す DNS レコードがありません"
    ),
    "make an alias or CNAME record of {host} for {name}": (
        "{host} から {name} へのエイリアスか CNAME のレコードを作ってください"
    ),
    "no service has the name {host}": "{host} という名前のサービスはありません",
    "ask by a service's name, its Lattice name or its custom domain, as the tag lattice-onramp:domain tells it": (
        "サービスの名前、Lattice の名前、またはカスタムドメインで呼び出してください。タグ lattice-onramp:domain に書か"
        "れています"
    ),
    "{group} lets the caller out to port {port}": "{group} は呼び出し元からポート {port} への送信を許可しています",
    "not all of the caller's security groups {groups} can be seen": (
        "呼び出し元のセキュリティグループ {groups} の一部が見えません"
    ),
    "no outbound rule of {groups} lets the caller out to Lattice on port {port}": (
        "{groups} のアウトバウンドルールに、Lattice のポート {port} への送信を許可するものがありません"
    ),
    "let {group} out to the prefix list {list} on TCP {port}": (
        "{group} からプレフィックスリスト {list} の TCP {port} への送信を許可してください"
    ),
    "network ACL {id} of the caller's subnet lets nothing to Lattice on port {port}": (
        "呼び出し元のサブネットのネットワーク ACL {id} は、Lattice のポート {port} への通信を通しません"
    ),
    "network ACL {id} of the caller's subnet lets nothing back from Lattice to the caller's ports": (
        "呼び出し元のサブネットのネットワーク ACL {id} は、Lattice から呼び出し元のポートへの戻りを通しません"
    ),
    "allow in {id} what the prefix list {list} holds: to it on TCP {port}": (
        "{id} でプレフィックスリスト {list} の範囲を許可してください: そこへの TCP {port}"
    ),
    "allow in {id} what the prefix list {list} holds: from it to TCP 1024-65535": (
        "{id} でプレフィックスリスト {list} の範囲を許可してください: そこからの TCP 1024-65535"
    ),
    "{id} lets it pass both ways": "{id} は両方向とも通します",
    "{vpc} is not joined to any service network": "{vpc} はどのサービスネットワークにも参加していません",
    "tag {vpc} with the network's name: lattice:network = {network}": (
        "{vpc} にネットワークの名前のタグを付けてください: lattice:network = {network}"
    ),
    "the association of {vpc} is {status}": "{vpc} の関連付けは {status} です",
    "network {network} of the association is not there": "関連付けられたネットワーク {network} がありません",
    "join the VPC to a network that exists": "VPC を、あるネットワークに参加させてください",
    "{vpc} is joined to network {network}": "{vpc} はネットワーク {network} に参加しています",
    "the association has no security group: the whole VPC may call": (
        "関連付けにセキュリティグループがありません: VPC 全体から呼び出せます"
    ),
    "{group} admits {source} to port {port}": "{group} は {source} からポート {port} への通信を許可しています",
    "{groups} admits only {some} of {source} to port {port}": (
        "{groups} がポート {port} に許可しているのは {source} のうち {some} だけです"
    ),
    "ask from one address": "アドレスを 1 つ指定してください",
    "no rule of {groups} admits {source} to port {port}": (
        "{groups} のルールに、{source} からポート {port} への通信を許可するものがありません"
    ),
    "add the address to lattice:allow-from and the port to lattice:ports of {vpc}, or a rule to the group": (
        "{vpc} の lattice:allow-from にアドレスを、lattice:ports にポートを足すか、グループにルールを足してください"
    ),
    "service {name} is not associated with network {network}": (
        "サービス {name} はネットワーク {network} に関連付けられていません"
    ),
    "tag its load balancer with the network's name: lattice:network = {network}": (
        "ロードバランサーにネットワークの名前のタグを付けてください: lattice:network = {network}"
    ),
    "the association of service {name} with network {network} is {status}": (
        "サービス {name} とネットワーク {network} の関連付けは {status} です"
    ),
    "service {name} is associated with network {network}": (
        "サービス {name} はネットワーク {network} に関連付けられています"
    ),
    "service network {name} asks for no authorisation": "サービスネットワーク {name} は認証を求めていません",
    "service {name} asks for no authorisation": "サービス {name} は認証を求めていません",
    "service network {name} refuses: {why}": "サービスネットワーク {name} が拒否しています: {why}",
    "service {name} refuses: {why}": "サービス {name} が拒否しています: {why}",
    "service network {name} allows: {why}": "サービスネットワーク {name} は許可しています: {why}",
    "service {name} allows: {why}": "サービス {name} は許可しています: {why}",
    "service network {name}: {why}": "サービスネットワーク {name}: {why}",
    "service {name}: {why}": "サービス {name}: {why}",
    "admit this request in the auth policy of service network {name}": (
        "サービスネットワーク {name} の認証ポリシーで、このリクエストを許可してください"
    ),
    "admit this request in the auth policy of service {name}": (
        "サービス {name} の認証ポリシーで、このリクエストを許可してください"
    ),
    "AWS_IAM is on and there is no policy, which denies everything": (
        "AWS_IAM が有効でポリシーがないため、すべて拒否されます"
    ),
    "put an auth policy on service network {name}, or set its auth type to NONE": (
        "サービスネットワーク {name} に認証ポリシーを置くか、認証タイプを NONE にしてください"
    ),
    "put an auth policy on service {name}, or set its auth type to NONE": (
        "サービス {name} に認証ポリシーを置くか、認証タイプを NONE にしてください"
    ),
    "its policy cannot be judged here: {why}": "そのポリシーはここでは判断できません: {why}",
    "its policy asks for {key}, which could not be read": "そのポリシーは {key} を見ますが、読み取れません",
    "its auth policy could not be read: {why}": "その認証ポリシーを読み取れません: {why}",
    "narrow statement {statement} of the auth policy of {level} {name}, or take it out: a Deny decides": (
        "{level} {name} の認証ポリシーのステートメント {statement} を絞り込むか、取り除いてください: Deny が優先"
        "されます"
    ),
    "sign the request, or narrow statement {statement} of the auth policy of {level} {name}, or take it"
    " out: a Deny decides": (
        "リクエストに署名するか、{level} {name} の認証ポリシーのステートメント {statement} を絞り込むか、取り除い"
        "てください: Deny が優先されます"
    ),
    "on which port it is called is not known: the service's listeners could not be read": (
        "呼び出すポートが分かりません: サービスのリスナーを読み取れませんでした"
    ),
    "name a profile of the service's account as well, or write the port, as http://NAME:80/": (
        "サービスのアカウントのプロファイルも指定するか、http://NAME:80/ のようにポートを書いてください"
    ),
    "statement {name} denies this request": "ステートメント {name} がこのリクエストを拒否しています",
    "no statement allows this request": "このリクエストを許可するステートメントがありません",
    "statement {name}": "ステートメント {name}",
    "the caller's own policies could not be read": "呼び出し元自身のポリシーを読み取れません",
    "the caller's own policies do not allow {action}": "呼び出し元自身のポリシーが {action} を許可していません",
    "allow the caller {action} on {resource}": "呼び出し元に {resource} への {action} を許可してください",
    "service {name} listens on nothing, not on port {port}": (
        "サービス {name} にはリスナーがなく、ポート {port} で待ち受けていません"
    ),
    "service {name} listens on {listens}, not on port {port}": (
        "サービス {name} のリスナーは {listens} で、ポート {port} では待ち受けていません"
    ),
    "ask on a port it listens on, or add {listener} to lattice:listen": (
        "待ち受けているポートで呼び出すか、lattice:listen に {listener} を足してください"
    ),
    "listener {listener} speaks {protocol} on port {port}, not {other}": (
        "リスナー {listener} のポート {port} は {protocol} で、{other} ではありません"
    ),
    "ask by {scheme}://": "{scheme}:// で呼び出してください",
    "service {name} has no certificate for {host}": "サービス {name} には {host} の証明書がありません",
    "ask by {name}, or give the service an ACM certificate for {host}": (
        "{name} で呼び出すか、サービスに {host} の ACM 証明書を付けてください"
    ),
    "listener {listener} takes {protocol}": "リスナー {listener} が {protocol} を受け取ります",
    "the default action answers {answer} itself": "デフォルトアクションが自分で {answer} を返します",
    "the default action forwards": "デフォルトアクションが転送します",
    "rule {name} (priority {number}) answers {answer} itself": (
        "ルール {name} (優先度 {number}) が自分で {answer} を返します"
    ),
    "rule {name} (priority {number}) forwards": "ルール {name} (優先度 {number}) が転送します",
    "every target group of the action has weight 0": "アクションのターゲットグループの重みがすべて 0 です",
    "give one of the load balancers a lattice:weight above 0": (
        "ロードバランサーのどれかで lattice:weight を 1 以上にしてください"
    ),
    "target group {name} is not there": "ターゲットグループ {name} がありません",
    "forward to one that is there": "あるものに転送してください",
    "target group {name} has no target in service": "ターゲットグループ {name} に使えるターゲットがありません",
    "register the load balancer with it; what was registered just now needs some minutes": (
        "ロードバランサーを登録してください。登録した直後は数分かかります"
    ),
    "target group {name} is a function's: what it answers, nobody can tell from here": (
        "ターゲットグループ {name} は Lambda 関数のものです: 何を返すかは、ここからは分かりません"
    ),
    "look at the function's own logs": "関数のログを見てください",
    "target group {name} ({type}) has {target}": "ターゲットグループ {name} ({type}) に {target} があります",
    "the load balancer {name} is not there": "ロードバランサー {name} がありません",
    "tag the load balancer that took its place": "代わりのロードバランサーにタグを付けてください",
    "load balancer {name} is {status}": "ロードバランサー {name} は {status} です",
    "wait while it is provisioning; repair or replace one that failed": (
        "作成中なら待ってください。失敗したものは直すか、作り直してください"
    ),
    "load balancer {name} answers {number} itself": "ロードバランサー {name} が自分で {number} を返します",
    "load balancer {name} answers {number} itself and sends the client to {url}": (
        "ロードバランサー {name} が自分で {number} を返し、クライアントを {url} へ送ります"
    ),
    "every target group that load balancer {name} forwards to on port {port} has weight 0": (
        "ロードバランサー {name} がポート {port} で転送するターゲットグループの重みがすべて 0 です"
    ),
    "give one of the load balancer's own target groups a weight above 0": (
        "ロードバランサー自身のターゲットグループのどれかの重みを 1 以上にしてください"
    ),
    "load balancer {name} has no target on port {port}": (
        "ロードバランサー {name} のポート {port} にターゲットがありません"
    ),
    "register targets with the load balancer's own target group": (
        "ロードバランサー自身のターゲットグループにターゲットを登録してください"
    ),
    "load balancer {name} takes {listener}": "ロードバランサー {name} が {listener} を受け取ります",
    "load balancer {name} has no listener on port {port}": (
        "ロードバランサー {name} にポート {port} のリスナーがありません"
    ),
    "name one of its listeners in lattice:target": "lattice:target に、そのリスナーを 1 つ書いてください",
    "load balancer {name} speaks {protocol} on port {port}, the target group {other}": (
        "ロードバランサー {name} のポート {port} は {protocol} で、ターゲットグループは {other} です"
    ),
    "write lattice:target = {listener}": "lattice:target = {listener} と書いてください",
    "Lattice calls {listener} of {name} only with the service's certificate, and {service} has none of its own": (
        "Lattice が {name} の {listener} に届くのはサービスの証明書のときだけで、{service} は証明書を持っていません"
    ),
    "Lattice calls {listener} of {name} only with the service's certificate, and {service} has {certificate}": (
        "Lattice が {name} の {listener} に届くのはサービスの証明書のときだけで、{service} の証明書は {certificate} で"
        "す"
    ),
    "name a listener that speaks HTTP in lattice:target, or give the service the same certificate": (
        "lattice:target に HTTP のリスナーを書くか、サービスに同じ証明書を付けてください"
    ),
    "no security group of load balancer {name} admits the Lattice prefix list to port {port}": (
        "ロードバランサー {name} のセキュリティグループに、Lattice のプレフィックスリストからポート {port} への通信を許"
        "可するものがありません"
    ),
    "admit the prefix list {list} to TCP {port} in {group}": (
        "{group} でプレフィックスリスト {list} を TCP {port} に許可してください"
    ),
    "{target} is not running": "{target} が起動していません",
    "start it, or take it out of its target group": "起動するか、ターゲットグループから外してください",
    "{target} on port {port} is {state}": "{target} のポート {port} は {state} です",
    "let its security group admit the load balancer, and the health check's path answer as it expects": (
        "ターゲットのセキュリティグループでロードバランサーを許可し、ヘルスチェックのパスが期待どおりに応答するようにし"
        "てください"
    ),
    "nothing is at {target}": "{target} には何もありません",
    "register a target that is there": "あるターゲットを登録してください",
    "{target} is healthy on port {port}": "{target} のポート {port} は正常です",
    "nobody checks what {target} answers on port {port}": "{target} がポート {port} で何を返すかは、誰も調べていません",
    "nothing listens on port {port} of {target}": "{target} のポート {port} で待ち受けているものがありません",
    "start the service on port {port}, or register the port it listens on": (
        "ポート {port} でサービスを起動するか、待ち受けているポートを登録してください"
    ),
    "{target} answers {number}": "{target} が {number} を返します",
    "{target} answers {number} from {server}": "{target} が {number} を返します ({server})",
    "associations of {what} was not read": "{what} の関連付けを読み取れませんでした",
    "security groups of {what} was not read": "{what} のセキュリティグループを読み取れませんでした",
    "{what} was not read": "{what} を読み取れませんでした",
    "wait: it is on its way": "待ってください: 作業中です",
    "remove the service and make it again": "サービスを削除して作り直してください",
    "remove the target group and make it again": "ターゲットグループを削除して作り直してください",
    "remove the VPC's association and make it again": "VPC の関連付けを削除して作り直してください",
    "remove the service's association and make it again": "サービスの関連付けを削除して作り直してください",
    "from {address} in {vpc} of {account}": "呼び出し元: アカウント {account} の {vpc} の {address}",
    "It gets through.": "届きます。",
    "It gets through, answered {number}.": "届きます。応答は {number} です。",
    "Stopped at {place}: {code}.": "{place} で止まります: {code}",
    "Stopped at {place}: {code}, answered {number}.": "{place} で止まります: {code} (応答は {number})",
    "Unknown: no stop was found, and {places} could not be told.": (
        "不明: 止まる場所は見つかりませんでしたが、{places} は分かりませんでした。"
    ),
    "To read more, name a profile of that account as well: --profile NAME.": (
        "もっと調べるには、そのアカウントのプロファイルも指定してください: --profile NAME"
    ),
    # --- onramp doctor
    "deploy template.yaml anew: what somebody took away or switched off comes back": (
        "template.yaml を再デプロイしてください: 誰かが消したり無効にしたものが元に戻ります"
    ),
    "enable it, or deploy template.yaml anew: what somebody took away or switched off comes back": (
        "有効にするか、template.yaml を再デプロイしてください: 誰かが消したり無効にしたものが元に戻ります"
    ),
    "the function is {state}: runs cannot go on": "関数の状態は {state} です: 実行が進みません",
    "no rule of the bus leads to the queue: no event becomes a run": (
        "バスからキューへのルールがありません: どのイベントも実行になりません"
    ),
    "the rule is {state}: events end at the bus": "ルールの状態は {state} です: イベントはバスで止まります",
    "the bus has no policy: no member may send it events": (
        "バスにポリシーがありません: どのメンバーのイベントも届きません"
    ),
    "{events} could not be turned into runs": "実行に変えられないものがありました: {events}",
    "read ERROR_CODE and body of one, mend the cause, then start a redrive of the queue": (
        "1 件の ERROR_CODE と本文を読んで原因を直し、キューの再処理 (redrive) を始めてください"
    ),
    "the alarm is in state ALARM": "アラームが ALARM 状態です",
    "see docs/runbook.md for what it means and what to do": "意味と対処は docs/runbook.md を見てください",
    "nothing of what members forward is archived": "メンバーが転送したものが保存されていません",
    "set ArchiveDays to replay it": "再生したい場合は ArchiveDays を設定してください",
    "the archive is {state}": "アーカイブの状態は {state} です",
    "the network's share is {state}": "ネットワークの共有の状態は {state} です",
    "the network could not be shared with it": "ネットワークを共有できませんでした",
    "see what RAM says of the association; sharing within an organisation has to be switched on": (
        "関連付けについての RAM の言葉を見てください。組織内の共有は有効にしておく必要があります"
    ),
    "put its member stack back, switch its schedule on, or admit it again": (
        "メンバースタックを戻すか、スケジュールを有効にするか、参加を許してください"
    ),
    "deploy member.yaml to it, or take it off MemberAccounts": (
        "member.yaml をデプロイするか、MemberAccounts から外してください"
    ),
    "add it to MemberAccounts, or delete its member stack": (
        "MemberAccounts に加えるか、メンバースタックを削除してください"
    ),
    "see its refusal: often the role is missing, or a policy above it denies": (
        "拒否の内容を見てください: 多くはロールがないか、上位のポリシーが拒否しています"
    ),
    "deploy member.yaml of the network's version to it": (
        "ネットワークと同じバージョンの member.yaml をデプロイしてください"
    ),
    "it is in MemberAccounts and has never sent an event": (
        "MemberAccounts にありますが、一度もイベントが届いていません"
    ),
    "its member stack is version {one}, the network's {other}": (
        "メンバースタックのバージョンは {one}、ネットワークは {other} です"
    ),
    "{number} of {most} services that the network may have are there": (
        "ネットワークの上限 {most} のうち、{number} のサービスがあります"
    ),
    "{number} of {most} VPCs that the network may have are there": (
        "ネットワークの上限 {most} のうち、{number} の VPC があります"
    ),
    "raise quota {quota} in this account before it is met": (
        "上限に達する前に、このアカウントでクォータ {quota} を引き上げてください"
    ),
    "Lambda runs {number} functions of this account at once: runs wait for each other": (
        "Lambda がこのアカウントで同時に動かす関数は {number} 個です: 実行が互いに待ちます"
    ),
    "ask Lambda for more concurrent executions": "Lambda の同時実行数を引き上げてください",
    "whoever is in a joined VPC may call each service that has no auth policy of its own: the network has none": (
        "参加した VPC からは、独自の認証ポリシーがないサービスを誰でも呼び出せます:"
        " ネットワークに認証ポリシーがありません"
    ),
    "nobody may call any service of the network: {why}": "ネットワークのどのサービスも、誰も呼び出せません: {why}",
    "nobody may call service {name}, by the network's auth policy: {why}": (
        "ネットワークの認証ポリシーにより、サービス {name} は誰も呼び出せません: {why}"
    ),
    "nobody may call service {name}, by its own auth policy: {why}": (
        "サービス自身の認証ポリシーにより、サービス {name} は誰も呼び出せません: {why}"
    ),
    "statement {statement} denies everybody": "ステートメント {statement} が全員を拒否しています",
    "no statement allows anybody": "誰かを許可するステートメントがありません",
    "AWS_IAM is on and there is no policy": "AWS_IAM なのにポリシーがありません",
    "mend the statement, or take it out, if requests are meant to get through": (
        "リクエストを通すつもりなら、そのステートメントを直すか外してください"
    ),
    "let a statement allow those who are meant to call": ("呼び出してよい相手を許可するステートメントを加えてください"),
    "give it an auth policy, or set its auth type to NONE": (
        "認証ポリシーを設定するか、認証タイプを NONE にしてください"
    ),
    "set AuthPreset, or give the network a policy of your own": "AuthPreset か、独自のポリシーを設定してください",
    "its auth policy allows everybody, on no condition": "認証ポリシーが、条件なしに誰でも許可しています",
    "name principals, or put a condition on the statement": "ステートメントにプリンシパルか条件を書いてください",
    "nobody can tell who called what: the network has no access log": (
        "誰が何を呼び出したか分かりません: ネットワークのアクセスログがありません"
    ),
    "subscribe an access log to the network": "ネットワークのアクセスログを購読してください",
    "the network is shared with an account that never sent an event and is not listed": (
        "一覧になく、イベントも届いていないアカウントとネットワークを共有しています"
    ),
    "the network is shared with more than one account at once, which no run does": (
        "複数のアカウントをまとめた相手とネットワークを共有しています。実行はこのような共有をしません"
    ),
    "take it off the share, if it is not meant": "意図したものでなければ、共有から外してください",
    "service {name} is on the network, and no tag that this network looks after asks for it": (
        "サービス {name} がネットワークにありますが、求めているタグがありません"
    ),
    "leave it if it is meant; else remove its association": (
        "意図したものならそのままで、そうでなければ関連付けを削除してください"
    ),
    "a read was denied: what is told of it is as it was last seen": (
        "読み取りが拒否されました: 最後に見えたときのままを示しています"
    ),
    "runs cannot do all there that is asked for": "実行は、そこで求められたことをすべてはできません",
    "{what} could not be read: {why}": "{what} を読み取れませんでした: {why}",
    "Nothing is wrong that could be read.": "読み取れた範囲に、おかしなところはありません。",
    "1 error": "エラー 1 件",
    "{number} errors": "エラー {number} 件",
    "1 warning": "警告 1 件",
    "{number} warnings": "警告 {number} 件",
    "1 note": "参考 1 件",
    "{number} notes": "参考 {number} 件",
    "{resource} of {account}, for network {network}": "アカウント {account} の {resource} (ネットワーク {network})",
    "No stop was found, and not everything could be told.": (
        "止まる場所は見つかりませんでしたが、分からないところがあります。"
    ),
    "All is well on its way.": "経路に問題はありません。",
    # --- onramp doctor RESOURCE
    "it is in {region}, and what was looked into is {other}: add --region {region}": (
        "リソースは {region} にあり、調べたのは {other} です: --region {region} を付けてください"
    ),
    "it is in {region}, and network {network} in {other}": (
        "リソースは {region} に、ネットワーク {network} は {other} にあります"
    ),
    "tag a {kind} in {region}, or ask infra for a deployment in {other}": (
        "{region} にある {kind} にタグを付けるか、{other} へのデプロイをインフラチームに頼んでください"
    ),
    "both are in {region}": "どちらも {region} にあります",
    "network {network} cannot be seen in {region}: it may not be shared yet, or be in another region": (
        "ネットワーク {network} は {region} では見えません: まだ共有されていないか、別のリージョンにあります"
    ),
    "it has {key}, which nothing here reads": "{key} が付いていますが、読まれないキーです",
    "write {key} instead": "{key} と書いてください",
    "it carries no {key}": "{key} が付いていません",
    "add tag {key} = {network}, if it is to join": "参加させるなら、タグ {key} = {network} を付けてください",
    "its tags were not read": "タグを読んでいません",
    "no network is asked for": "ネットワークを求めていません",
    "the tag names this network": "タグはこのネットワークを指しています",
    "the tag names sibling {network}": "タグは別のスタックのネットワーク {network} を指しています",
    "ask by --network {network}, whose stack answers": "--network {network} で調べてください。そのスタックが答えます",
    "the tag names nothing, and this is {network}": "タグの値が空で、このネットワークは {network} です",
    "the tag names {given}, and this is {network}": "タグは {given} を指していて、このネットワークは {network} です",
    "write {key} = {network}": "{key} = {network} と書いてください",
    "account {account} lacks role {roles}": "アカウント {account} にロール {roles} がありません",
    "deploy member.yaml of network {network} to account {account}": (
        "アカウント {account} に、ネットワーク {network} の member.yaml をデプロイしてください"
    ),
    "deploy member.yaml of network {network} to account {account} anew": (
        "アカウント {account} に、ネットワーク {network} の member.yaml を再デプロイしてください"
    ),
    "its roles are there": "ロールがあります",
    "no rule of account {account} forwards to the bus {bus}": (
        "アカウント {account} に、バス {bus} へ転送するルールがありません"
    ),
    "switched off: {rules}": "無効になっています: {rules}",
    "all {number} rules that forward to the network's bus are switched off": (
        "ネットワークのバスへ転送する {number} 個のルールがすべて無効になっています"
    ),
    "enable what is off, or deploy member.yaml of network {network} to account {account} anew": (
        "無効なものを有効にするか、アカウント {account} にネットワーク {network} の member.yaml を再デプロイしてくださ"
        "い"
    ),
    "{rules} forwards to the network's bus": "{rules}がネットワークのバスへ転送しています",
    "{rules} forward to the network's bus": "{rules}がネットワークのバスへ転送しています",
    "account {account} is not in MemberAccounts: the bus takes nothing from it": (
        "アカウント {account} は MemberAccounts にありません: バスはそのイベントを受け取りません"
    ),
    "add it to MemberAccounts and deploy template.yaml": "MemberAccounts に加えて template.yaml をデプロイしてください",
    "an organisation decides it": "組織が決めています",
    "the network account's stack could not be read: name a profile of it as well": (
        "ネットワークアカウントのスタックを読めませんでした: そのプロファイルも指定してください"
    ),
    "the network account's table could not be read: name a profile of it as well": (
        "ネットワークアカウントのテーブルを読めませんでした: そのプロファイルも指定してください"
    ),
    "the account may join": "アカウントは参加できます",
    "{events} of account {account} did not reach the network account": (
        "アカウント {account} の{events}が、ネットワークアカウントに届きませんでした"
    ),
    "read ERROR_CODE of one: NO_PERMISSIONS means that the account may not join": (
        "1 件の ERROR_CODE を見てください: NO_PERMISSIONS なら、アカウントの参加が許されていません"
    ),
    "nothing waits in its dead letters": "デッドレターに残っているものはありません",
    "account {account} has never sent an event": "アカウント {account} から一度もイベントが届いていません",
    "see the places above; then touch the tag, or have infra type onramp look": (
        "上の項目を確認してからタグを付け直すか、インフラチームに onramp look を頼んでください"
    ),
    "the account has sent an event": "アカウントからイベントが届いています",
    "{events} waits in the queue {queue}: look again in a minute": (
        "{events}がキュー {queue} で待っています: 1 分後にもう一度見てください"
    ),
    "{events} wait in the queue {queue}: look again in a minute": (
        "{events}がキュー {queue} で待っています: 1 分後にもう一度見てください"
    ),
    "nothing waits in it": "待っているものはありません",
    "the last run of the account ended badly": "アカウントの最近の実行が失敗しました",
    "the last {number} runs of the account ended badly": "アカウントの最近の {number} 回の実行が失敗しました",
    "see the runs: onramp status {account}": "実行を見てください: onramp status {account}",
    "{run} goes on: look again in a minute": "{run} が進行中です: 1 分後にもう一度見てください",
    "have it looked at: onramp look --account {account}": "見直させてください: onramp look --account {account}",
    "no run has looked at the account": "まだどの実行もアカウントを見ていません",
    "a run has looked at the account, and ended well": "実行がアカウントを見て、正常に終わりました",
    "the last run refused what its tags ask for": "最近の実行が、タグの求めるものを拒否しました",
    "the last run said this of its whole account": "最近の実行が、アカウント全体についてこう答えました",
    "the answer is {status}": "答えは {status} です",
    "the answer on it is connected": "付いている答えは connected です",
    "the answer is {status}: look again in a minute": "答えは {status} です: 1 分後にもう一度見てください",
    "the stack writes no answers (StatusTags is off): onramp status has them": (
        "スタックは答えを書きません (StatusTags が off): onramp status で見られます"
    ),
    "no answer is on it yet": "まだ答えが付いていません",
    "it could not be read": "読み取れませんでした",
    # --- onramp plan: why
    "account {account} has something to connect and does not see network {network}": (
        "アカウント {account} に接続するものがあり、ネットワーク {network} がまだ見えません"
    ),
    "its invitation comes within seconds, while the rest is being made": "招待は、残りを作っている間に数秒で届きます",
    "its invitation is {status}: the account has to be invited anew": (
        "招待は {status} です: アカウントを招待し直す必要があります"
    ),
    "the invitation came from the network account {account}": "ネットワークアカウント {account} からの招待です",
    "nothing of account {account} is on network {network} any more": (
        "アカウント {account} のものは、もうネットワーク {network} にありません"
    ),
    "it asks for nothing any more": "もう何も求めていません",
    "it says which clients of this VPC may enter the network": (
        "この VPC のどのクライアントがネットワークに入れるかを決めます"
    ),
    "the VPC asks to join as a client": "VPC がクライアントとしての参加を求めています",
    "its security groups are not those that the tags ask for": "セキュリティグループがタグの求めるものと違います",
    "its rules are not those that the tags ask for": "ルールがタグの求めるものと違います",
    "certificate {certificate} is the one for {domain}": "証明書 {certificate} が {domain} のものです",
    "its service is kept for its name, and its load balancers are free": (
        "サービスは名前のために残し、ロードバランサーを解放します"
    ),
    "nobody asks for it any more": "もう誰も求めていません",
    "clients are to find {name} under it": "クライアントがこの名前で {name} を見つけられるようにします",
    "nothing answers under it any more": "もうこの名前では何も応答しません",
    "it is to go now": "今すぐ離れます",
    "no load balancer asks for it any more": "もうどのロードバランサーも求めていません",
    "no association uses it": "使っている関連付けがありません",
    "{balancers} asks for it": "{balancers}が求めています",
    "{balancers} ask for it": "{balancers}が求めています",
    "service {name} sends to the load balancer's listener {listener}": (
        "サービス {name} がロードバランサーのリスナー {listener} へ送ります"
    ),
    "the load balancer is not registered for {listener}": "ロードバランサーが {listener} に登録されていません",
    "clients are to use {listener}": "クライアントが {listener} を使えるようにします",
    "{name} replaces it": "{name} に置き換えます",
    "no tag asks for it": "どのタグも求めていません",
    "a listener that a tag asks for needs its place": "タグの求めるリスナーが、その場所を必要としています",
    "it does not forward to the target groups that the tags ask for": (
        "タグの求めるターゲットグループへ転送していません"
    ),
    "the network is within reach and service {name} is ready": (
        "ネットワークが使えるようになり、サービス {name} の準備ができています"
    ),
    "connections may idle for {number} s, and {most} s is what the tags ask for": (
        "接続の無通信時間は {number} 秒ですが、タグの求めるのは {most} 秒です"
    ),
    "no tag asks for its access log any more": "もうどのタグもアクセスログを求めていません",
    "its access log is to go to log group {group}": "アクセスログをロググループ {group} へ送ります",
    "it says who may call, as the tags ask for": "タグの求めるとおり、誰が呼び出せるかを決めます",
    "its policy is there, and is to count": "ポリシーが置かれたので、有効にします",
    "it does not count any more": "もう有効ではありません",
    "no tag asks any more who may call: its policy is not to count": (
        "もうどのタグも呼び出し元を制限していません: ポリシーを無効にします"
    ),
    "Account {account}": "アカウント {account}",
    "Nothing to do.": "することはありません。",
    "{number} to make, {most} to change, {count} to take away, {tell} to tell, {refused} refused.": (
        "作成 {number} 件、変更 {most} 件、削除 {count} 件、通知 {tell} 件、拒否 {refused} 件。"
    ),
    (
        "{number} to make, {most} to change, {count} to take away, {tell} to tell, {refused} refused. More follows "
        "when this is done."
    ): (
        "作成 {number} 件、変更 {most} 件、削除 {count} 件、通知 {tell} 件、拒否 {refused} 件。続きはこの後に行います。"
    ),
    # --- onramp status
    "Nothing of that kind.": "該当するものはありません。",
    "{number} refused": "拒否 {number} 件",
    "{number} of them not well": "うち {number} 件が正常でない",
    "the oldest look {why}": "いちばん古い確認は {why}",
    "the hourly sweep": "毎時の確認",
    "{key} changed on {resource}": "{resource} の {key} が変わりました",
    "{call} was called": "{call} が呼び出されました",
    "the network account asked for a look": "ネットワークアカウントが確認を求めました",
    "{who} asked for a look": "{who} が確認を求めました",
    "infra says {what}": "インフラチームの指示: {what}",
    "looked at {why}": "確認 {why}",
    "{number} d ago": "{number} 日前",
    "{number} h ago": "{number} 時間前",
    "{number} min ago": "{number} 分前",
    "{number} s ago": "{number} 秒前",
    "never": "なし",
    "by {who}, {why}": "{who} による、{why}",
    "unknown: nothing has told it since it was joined": "不明: 参加してから、それを示すものがありません",
    "unknown: no trail of the account has told it": "不明: アカウントの証跡 (CloudTrail) に示されていません",
    # --- what was typed, and who is let in
    "there are no AWS credentials: {why}; sign in, or name a profile by --profile": (
        "AWS の認証情報がありません: {why}。サインインするか、--profile でプロファイルを指定してください"
    ),
    "{error}; `aws configure list-profiles` lists them": "{error}。`aws configure list-profiles` で一覧できます",
    "{error}; sign in again: aws sso login": "{error}。もう一度サインインしてください: aws sso login",
    "no region is chosen; give --region, or set AWS_REGION": (
        "リージョンが決まっていません。--region を書くか、AWS_REGION を設定してください"
    ),
    "AWS does not accept the credentials: {error}; sign in again": (
        "AWS が認証情報を受け付けません: {error}。もう一度サインインしてください"
    ),
    "AWS cannot be reached: {error}": "AWS に届きません: {error}",
    "{why}; try again later": "{why}。後でもう一度試してください",
    "no network can be seen, so none is called {network}: name a profile of the network account": (
        "ネットワークが 1 つも見えず、{network} もありません: ネットワークアカウントのプロファイルを指定してください"
    ),
    "network {network} has no table {table} in {account}: deploy template.yaml": (
        "アカウント {account} に、ネットワーク {network} のテーブル {table} がありません: template.yaml をデプロイして"
        "ください"
    ),
    "no network is owned by this account: use a profile of the network account": (
        "このアカウントのネットワークがありません: ネットワークアカウントのプロファイルを使ってください"
    ),
    "there is no network {network} here; did you mean {other}?": (
        "ネットワーク {network} はここにありません。もしかして: {other}"
    ),
    "there is no network {network} here; there are: {others}": (
        "ネットワーク {network} はここにありません。あるもの: {others}"
    ),
    "several networks are there: name one by --network: {networks}": (
        "ネットワークが複数あります: --network で 1 つ指定してください: {networks}"
    ),
    "several networks can be seen: name one by --network: {networks}": (
        "ネットワークが複数見えます: --network で 1 つ指定してください: {networks}"
    ),
    (
        "no network {network} can be seen: it may not be shared with this account yet; use a profile of the network "
        "account"
    ): (
        "ネットワーク {network} が見えません: まだこのアカウントに共有されていないことがあります。ネットワークアカウン"
        "トのプロファイルを使ってください"
    ),
    "no network can be seen: use a profile of the network account": (
        "ネットワークが見えません: ネットワークアカウントのプロファイルを使ってください"
    ),
    "--sarif is of the whole examination: write --json for one resource, or leave the resource off": (
        "--sarif は全体を調べた結果のためのものです: リソース 1 つには --json を使うか、リソースを外してください"
    ),
    "no network can be seen, and no tag names one: say which by --network, or add the network's profile": (
        "ネットワークが見えず、タグにも書かれていません: --network で指定するか、ネットワークのプロファイルを足してくだ"
        "さい"
    ),
    (
        "{vpc} is in none of the accounts that the profiles are of, in the region that was looked at: name a profile "
        "of its account, or its region by --region"
    ): (
        "{vpc} はプロファイルのどのアカウントにも、調べたリージョンでは見つかりません: そのアカウントのプロファイルか、"
        "--region でリージョンを指定してください"
    ),
    "--tag {word}: write KEY=VALUE, as lattice:network=orders": (
        "--tag {word}: lattice:network=orders のように KEY=VALUE と書いてください"
    ),
    "--tag needs --before, with the resource that would carry it": (
        "--tag には、それを付けるリソースを --before で指定してください"
    ),
    "account {account} has never sent an event to network {network}: has it its member stack?": (
        "アカウント {account} からネットワーク {network} へ一度もイベントが届いていません: メンバースタックはありますか"
    ),
    "nothing that is called {name} is joined, refused or held": (
        "{name} という名前で、参加、拒否、保留されているものはありません"
    ),
    "nothing that is called {name} is joined, refused or held; did you mean {others}?": (
        "{name} という名前で、参加、拒否、保留されているものはありません。もしかして: {others}"
    ),
    "--from stands alone: it asks what one VPC can call": (
        "--from は単独で使います: 1 つの VPC が何を呼び出せるかを調べます"
    ),
    "{vpc} is in no network that can be seen from here: tag it with lattice:network = NAME": (
        "{vpc} は、ここから見えるネットワークに入っていません: タグ lattice:network = NAME を付けてください"
    ),
    "{vpc} is in {networks}: {services}": "{vpc} は {networks} に参加しています: {services}",
    "several services are called {name}: say which by its Lattice name: {others}": (
        "{name} というサービスが複数あります: Lattice の名前で指定してください: {others}"
    ),
    "--to {word} is no name and no URL: write a service's name, a domain, or http(s)://…": (
        "--to {word} は名前でも URL でもありません: サービスの名前、ドメイン、または http(s)://… を書いてください"
    ),
    "--to {word}: {port} is no port": "--to {word}: {port} はポートではありません",
    "--to {word} is no URL: {error}": "--to {word} は URL ではありません: {error}",
    "--to {word} is no http or https URL": "--to {word} は http か https の URL ではありません",
    "--header {word} is no header; write NAME: VALUE": (
        "--header {word} はヘッダーではありません。NAME: VALUE と書いてください"
    ),
    "no instance {name} with an address is in {accounts}: check the id, region and profile": (
        "アドレスのあるインスタンス {name} が {accounts} にありません: ID、リージョン、プロファイルを確かめてください"
    ),
    "{vpc} is no VPC of {accounts}, nor joined to a network that can be seen from there": (
        "{vpc} は {accounts} の VPC ではなく、そこから見えるネットワークにも参加していません"
    ),
    "{word} is no VPC (vpc-…), no instance (i-…) and no address": (
        "{word} は VPC (vpc-…) でも、インスタンス (i-…) でも、アドレスでもありません"
    ),
    "{address} is an address of {vpcs}: say which by --vpc": (
        "{address} は {vpcs} のアドレスです: --vpc で指定してください"
    ),
    "no VPC of {accounts} has the address {address}: name a profile of its account as well, or its VPC by --vpc": (
        "{accounts} の VPC に、アドレス {address} はありません: そのアカウントのプロファイルも指定するか、--vpc で VPC "
        "を指定してください"
    ),
    "account {account} has no role {role}": "アカウント {account} にロール {role} がありません",
    "no tag on a {kind} of {service} asks for anything: name the load balancer, VPC or Lattice service that"
    " carries the tag": (
        "{service} の {kind} に付けたタグは何も求めません: タグの付いたロードバランサー、VPC、または Lattice サー"
        "ビスを指定してください"
    ),
    "{id} is no request's id: write it whole, as its mail, its tag and onramp status --state waiting have it": (
        "{id} は申請の ID ではありません: メール、タグ、onramp status --state waiting にあるものを、すべて書いて"
        "ください"
    ),
    # --- onramp topology
    "policy decides who calls": "呼び出せる相手はポリシーが決めます",
    "from {vpcs}": "{vpcs}から",
    "No network can be seen from here.": "ここから見えるネットワークはありません。",
    "no network {network} can be seen; there are: {others}": (
        "ネットワーク {network} が見えません。見えるもの: {others}"
    ),
    "choose one of --html, --svg, --mermaid and --json": (
        "--html、--svg、--mermaid、--json のどれか 1 つにしてください"
    ),
    "{file} cannot be written: {error}": "{file} に書き込めません: {error}",
    # --- onramp look, release, hold, unhold, approve, reject
    "say which: --account ID, or --all": "どれかを指定してください: --account ID、または --all",
    "no account has ever sent an event to network {network}: deploy member.yaml to one": (
        "ネットワーク {network} にはどのアカウントからも一度もイベントが届いていません: どれかに member.yaml を"
        "デプロイしてください"
    ),
    "Account {account} has never sent an event: without its member stack the look sees nothing": (
        "アカウント {account} から一度もイベントが届いていません。メンバースタックがなければ、確認しても何も見えません"
    ),
    "Look at {account} of network {network} now?": "ネットワーク {network} の {account} を今すぐ確認しますか?",
    "Look at all {accounts} of network {network} now?": (
        "ネットワーク {network} の{accounts}すべてを今すぐ確認しますか?"
    ),
    "Asked for. In a minute or two `{command}` tells what came of it.": (
        "依頼しました。1、2 分後に `{command}` で結果が分かります。"
    ),
    "Asked for. `{command}` tells what came of it.": "依頼しました。結果は `{command}` で分かります。",
    "Asked for. `{command}` takes it back.": "依頼しました。取り消すには `{command}` を使います。",
    "Nothing is held by DeletionLimit in account {account}.": (
        "アカウント {account} に、DeletionLimit で保留されているものはありません。"
    ),
    "These leave network {network}, and stop answering:": (
        "次のものがネットワーク {network} から離れ、応答しなくなります:"
    ),
    "Let {number} of account {account} go?": "アカウント {account} の {number} 件を離れさせますか?",
    "Requests to service {name} of {account} stop; its tags and its names stay, and its team reads held: kept-out.": (
        "アカウント {account} のサービス {name} へのリクエストは届かなくなります。タグと名前は残り、チームには held: "
        "kept-out と表示されます。"
    ),
    "Requests to all of account {account} stop; its tags and its names stay, and its team reads held: kept-out.": (
        "アカウント {account} 全体へのリクエストは届かなくなります。タグと名前は残り、チームには held: kept-out と"
        "表示されます。"
    ),
    "Take service {name} of {account} off network {network}?": (
        "アカウント {account} のサービス {name} をネットワーク {network} から外しますか?"
    ),
    "Take all of account {account} off network {network}?": (
        "アカウント {account} 全体をネットワーク {network} から外しますか?"
    ),
    (
        "{name} is not held by this command (the parameter KeptOut is another list). Held: {others}."
    ): "{name} はこのコマンドで外されていません (パラメーター KeptOut は別の一覧です)。外されているもの: {others}。",
    "{name} is not held by this command (the parameter KeptOut is another list). Held: nothing.": (
        "{name} はこのコマンドで外されていません (パラメーター KeptOut は別の一覧です)。外されているものはありません。"
    ),
    "Let service {name} of {account} back onto network {network}, as its tags ask?": (
        "アカウント {account} のサービス {name} を、タグの求めるとおりネットワーク {network} に戻しますか?"
    ),
    "Let all of account {account} back onto network {network}, as its tags ask?": (
        "アカウント {account} 全体を、タグの求めるとおりネットワーク {network} に戻しますか?"
    ),
    "there is no request {id} now (changed tags ask anew). Waiting: {others}": (
        "申請 {id} は今はありません (タグが変わると新しい申請になります)。待っているもの: {others}"
    ),
    "there is no request {id} now (changed tags ask anew). Waiting: none": (
        "申請 {id} は今はありません (タグが変わると新しい申請になります)。待っているものはありません"
    ),
    "It was {state} before, by {who}.": "以前に {who} が答えています: {state}",
    "Approve {id}?": "{id} を承認しますか?",
    "Reject {id}?": "{id} を却下しますか?",
    "Said. `{command}` tells what came of it.": "伝えました。結果は `{command}` で分かります。",
    # --- what was typed, before AWS is asked
    "{option} {given} is no VPC: write its id, as {example}": (
        "{option} {given} は VPC ではありません: ID を {example} のように書いてください"
    ),
    (
        "{given} is no load balancer's ARN and no VPC's id: write it whole, as "
        "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID or {example}"
    ): (
        "{given} はロードバランサーの ARN でも VPC の ID でもありません: 全体を "
        "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID または {example} のように書いてください"
    ),
    "--from {given} is no instance: write its id, as {example}": (
        "--from {given} はインスタンスではありません: ID を {example} のように書いてください"
    ),
    "--as {given} is no role: write its name or its ARN, as {example}": (
        "--as {given} はロールではありません: 名前か ARN を {example} のように書いてください"
    ),
    "--method {given} is none: write one word, as GET": (
        "--method {given} はメソッドではありません: GET のように 1 語で書いてください"
    ),
    "--prefix {given} is none: write the stack's TagPrefix, as lattice:": (
        "--prefix {given} は使えません: スタックの TagPrefix を lattice: のように書いてください"
    ),
    "--tag {word}: AWS keeps keys that begin with aws: for itself; write another key": (
        "--tag {word}: aws: で始まるキーは AWS 専用です。別のキーを書いてください"
    ),
    "--tag {word}: shorten it: a key has {number} characters at most, a value {most}": (
        "--tag {word}: 短くしてください: キーは {number} 文字、値は {most} 文字までです"
    ),
    "--tag {word}: AWS takes letters, digits, spaces and + - = . _ : / @ in a tag; write those alone": (
        "--tag {word}: AWS のタグに使えるのは文字、数字、空白と + - = . _ : / @ です。それだけで書いてください"
    ),
    ("{given} is no service's name: write 3 to 40 of a-z 0-9 and single inner hyphens, as onramp status has it"): (
        "{given} はサービスの名前ではありません: onramp status にあるとおり、a-z 0-9 と途中の単独のハイフンを 3 から "
        "40 文字で書いてください"
    ),
    "{resource} is in {region}, and {other} is looked at: give --region {region}": (
        "{resource} は {region} にあり、見ているのは {other} です: --region {region} を書いてください"
    ),
    "{resource} is of account {account}: leave --account {other} out": (
        "{resource} はアカウント {account} のものです: --account {other} を外してください"
    ),
    "account {account} has no {resource} there: check id, region and profile": (
        "アカウント {account} に {resource} はありません: ID、リージョン、プロファイルを確かめてください"
    ),
    "--state {given} is no state and no code; did you mean {other}?": (
        "--state {given} は状態でもコードでもありません。もしかして: {other}"
    ),
    "--state {given} is no state and no code: write {choices} ... or a code": (
        "--state {given} は状態でもコードでもありません: {choices} ... またはコードを書いてください"
    ),
    "write a service's name, ACCOUNT/SERVICE, or an account": (
        "サービスの名前、ACCOUNT/SERVICE、またはアカウントを書いてください"
    ),
    "{error} Write a region as ap-northeast-1": "{error} リージョンは ap-northeast-1 のように書いてください",
    "AWS cannot be reached: {error}; check the region, and the way out": (
        "AWS に届きません: {error}。リージョンと、外への経路を確かめてください"
    ),
    "{given} is no account: write its 12 digits": ("{given} はアカウントではありません: 12 桁の数字を書いてください"),
    "{name}: write ACCOUNT/SERVICE, or the account alone": (
        "{name}: ACCOUNT/SERVICE、またはアカウントだけを書いてください"
    ),
    "several accounts have a service {name}: say which: {others}": (
        "サービス {name} が複数のアカウントにあります: どれかを指定してください: {others}"
    ),
    "no account has a service {name}. One that is not there yet is held as ACCOUNT/{name}": (
        "サービス {name} はどのアカウントにもありません。まだないものを外すには ACCOUNT/{name} と書いてください"
    ),
    ("no account has a service {name}; did you mean {others}? One that is not there yet is held as ACCOUNT/{name}"): (
        "サービス {name} はどのアカウントにもありません。もしかして: {others}。まだないものを外すには ACCOUNT/{name} "
        "と書いてください"
    ),
}
"""English sentence -> the same in Japanese. No sentence of AWS's is here: those stay in its own words."""
