"""Sentences of what `onramp doctor` finds in a deployment, and of one resource."""

SENTENCES = {
    # --- onramp doctor
    "revert the drift of the network's stack, by a change set with --deployment-mode REVERT_DRIFT"
    " (docs/troubleshooting.md): the same template deployed again brings nothing back": (
        "--deployment-mode REVERT_DRIFT の変更セットで、ネットワークのスタックのドリフトを元に戻してください"
        " (docs/troubleshooting.md): 同じテンプレートを再デプロイしても何も戻りません"
    ),
    "switch it on: {command}": "有効にしてください: {command}",
    "the function is {state}: runs cannot go on": "関数の状態は {state} です: 実行が進みません",
    "the table is gone: no run can go on, and who is joined, refused or held is not known": (
        "テーブルがありません: 実行が進まず、何が接続済み、拒否、保留なのか分かりません"
    ),
    "restore it from the backup that DynamoDB keeps of it, or revert the drift of the network's stack"
    " (docs/troubleshooting.md)": (
        "DynamoDB が残したバックアップから復元するか、ネットワークのスタックのドリフトを元に戻してください"
        " (docs/troubleshooting.md)"
    ),
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
    "set ArchiveDays, if it is to be replayed; where it is set, revert the drift of the network's stack": (
        "再生したい場合は ArchiveDays を設定してください。設定してあるなら、ネットワークのスタックのド"
        "リフトを元に戻してください"
    ),
    "the archive is {state}": "アーカイブの状態は {state} です",
    "the network's share is {state}": "ネットワークの共有の状態は {state} です",
    "the network could not be shared with it: RAM gives no reason": (
        "ネットワークを共有できませんでした: RAM は理由を示していません"
    ),
    "the network could not be shared with it: {why}": "ネットワークを共有できませんでした: {why}",
    "mend what RAM says; within an organisation sharing has to be switched on, then: {command}": (
        "RAM の言葉に従って直してください。組織内の共有は有効にしておく必要があります。その後: {command}"
    ),
    "put its member stack back, switch its schedule on, or admit it again": (
        "メンバースタックを戻すか、スケジュールを有効にするか、参加を許してください"
    ),
    "update its member stack with the TagPrefix of the network's stack": (
        "メンバースタックを、ネットワークのスタックと同じ TagPrefix で更新してください"
    ),
    "deploy member.yaml to it, or take it off MemberAccounts": (
        "member.yaml をデプロイするか、MemberAccounts から外してください"
    ),
    "add it to MemberAccounts, or delete its member stack": (
        "MemberAccounts に加えるか、メンバースタックを削除してください"
    ),
    "see its refusal or its last runs: often a role or a function is missing, or a policy above denies": (
        "拒否の内容か最後の実行を見てください: 多くはロールや関数がないか、上位のポリシーが拒否しています"
    ),
    "a step of a run failed": "実行のステップが失敗しました",
    "deploy member.yaml of the network's version to it": (
        "ネットワークと同じバージョンの member.yaml をデプロイしてください"
    ),
    "it is in MemberAccounts and has never sent an event": (
        "MemberAccounts にありますが、一度もイベントが届いていません"
    ),
    "its member stack is version {one}, the network's {other}": (
        "メンバースタックのバージョンは {one}、ネットワークは {other} です"
    ),
    (
        "its member stack is version {one}, the network's {other}: what is connected stays, and what is new may fail "
        "there"
    ): (
        "メンバースタックのバージョンは {one}、ネットワークは {other} です: 接続済みのものは残りますが、新しいものは失"
        "敗することがあります"
    ),
    "{number} of {most} services that the network may have are there": (
        "ネットワークの上限 {most} のうち、{number} のサービスがあります"
    ),
    "{number} of {most} VPCs that the network may have are there": (
        "ネットワークの上限 {most} のうち、{number} の VPC があります"
    ),
    "have it raised before it is met: {command}": "上限に達する前に引き上げを申請してください: {command}",
    "Lambda runs {number} functions of this account at once: runs wait for each other": (
        "Lambda がこのアカウントで同時に動かす関数は {number} 個です: 実行が互いに待ちます"
    ),
    "have it raised: {command}": "引き上げを申請してください: {command}",
    "whoever is in a joined VPC may call each service that has no auth policy of its own: the network has none": (
        "参加した VPC からは、独自の認証ポリシーがないサービスを誰でも呼び出せます:"
        " ネットワークに認証ポリシーがありません"
    ),
    "nobody may call any service of the network: {why}": "ネットワークのどのサービスも、誰も呼び出せません: {why}",
    "whoever is in a joined VPC may call service {name}: it asks nobody, nor does its network": (
        "参加した VPC の誰もがサービス {name} を呼び出せます: サービスもネットワークも、誰が呼び出すかを確かめません"
    ),
    "tag its load balancer lattice:auth, give it an auth policy of its own, or close the network's": (
        "ロードバランサーに lattice:auth を付けるか、サービス自身に認証ポリシーを置くか、ネットワークのものを絞って"
        "ください"
    ),
    "nobody may call service {name}, by the network's auth policy: {why}": (
        "ネットワークの認証ポリシーにより、サービス {name} は誰も呼び出せません: {why}"
    ),
    "nobody may call service {name}, by its own auth policy: {why}": (
        "サービス自身の認証ポリシーにより、サービス {name} は誰も呼び出せません: {why}"
    ),
    "statement {statement} denies everybody": "ステートメント {statement} が全員を拒否しています",
    "no statement allows anybody": "誰かを許可するステートメントがありません",
    "no statement allows anything of this service": "このサービスの何かを許可するステートメントがありません",
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
    "share {share}, which is not the stack's own, gives the network to it: no run looks after that": (
        "スタックのものではない共有 {share} がネットワークを渡しています: 実行はこれを見ていません"
    ),
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
    "It is joined; mind the warning: {code}.": "参加しています。警告に注意してください: {code}。",
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
    "a run made it or took it over for load balancers, and it asks by no tag of its own": (
        "実行が ALB のために作ったか引き継いだもので、それ自身のタグでは何も求めません"
    ),
    "name a load balancer that asks for it: `onramp status {name}`": (
        "それを求めている ALB を指定してください: `onramp status {name}`"
    ),
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
    "deploy member.yaml of network {network} to account {account}, or revert the drift of its stack, if there is one": (
        "アカウント {account} に、ネットワーク {network} の member.yaml をデプロイしてください。スタックが既にあるな"
        "ら、そのドリフトを元に戻してください"
    ),
    "account {account} has no queue {name}: its member stack is gone, or of version {version}": (
        "アカウント {account} にキュー {name} がありません: メンバースタックがないか、バージョン {version} のものです"
    ),
    "its roles are there": "ロールがあります",
    "no rule of account {account} forwards to the bus {bus}": (
        "アカウント {account} に、バス {bus} へ転送するルールがありません"
    ),
    "switched off: {rules}": "無効になっています: {rules}",
    "all {number} rules that forward to the network's bus are switched off": (
        "ネットワークのバスへ転送する {number} 個のルールがすべて無効になっています"
    ),
    "switch on what is off in account {account}: aws events enable-rule --name NAME, for each": (
        "アカウント {account} で無効なものを、1 つずつ有効にしてください: aws events enable-rule --name NAME"
    ),
    "switch on what is off in account {account}: {command}": (
        "アカウント {account} で無効なものを有効にしてください: {command}"
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
    "account {account} has sent no event for {hours} hours, and its schedule sends one every hour": (
        "アカウント {account} は {hours} 時間イベントを送っていません。スケジュールは毎時 1 つ送るはずです"
    ),
    "nothing waits in it": "待っているものはありません",
    "the last run of the account ended badly": "アカウントの最近の実行が失敗しました",
    "the last {number} runs of the account ended badly": "アカウントの最近の {number} 回の実行が失敗しました",
    "see the runs: onramp status {account}": "実行を見てください: onramp status {account}",
    "{run} has ended, and still holds the account: within ten minutes it is looked at anew": (
        "{run} は終わっていますが、まだアカウントを占有しています: 10 分以内に改めて確認されます"
    ),
    "{run} goes on: look again in a minute": "{run} が進行中です: 1 分後にもう一度見てください",
    "have it looked at: onramp look --account {account}": "見直させてください: onramp look --account {account}",
    "no run has looked at the account": "まだどの実行もアカウントを見ていません",
    "a run has looked at the account, and ended well": "実行がアカウントを見て、正常に終わりました",
    "the last run refused what its tags ask for": "最近の実行が、タグの求めるものを拒否しました",
    "the last run said this of its whole account": "最近の実行が、アカウント全体についてこう答えました",
    "the answer is {status}": "答えは {status} です",
    "the last run's answer is {status}": "最後の実行の答えは {status} です",
    "the last run's answer is {status}, and the one on it says {said}": (
        "最後の実行の答えは {status} ですが、リソースにある答えは {said} のままです"
    ),
    "the answer on it is connected": "付いている答えは connected です",
    "the answer on it is connected: {why}": "付いている答えは connected です: {why}",
    "the answer on it is connected, with a warning": "付いている答えは connected で、警告があります",
    "the answer is {status}: look again in a minute": "答えは {status} です: 1 分後にもう一度見てください",
    "the stack writes no answers (StatusTags is off): onramp status has them": (
        "スタックは答えを書きません (StatusTags が off): onramp status で見られます"
    ),
    "no answer is on it yet": "まだ答えが付いていません",
    "it could not be read": "読み取れませんでした",
}
