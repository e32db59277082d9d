"""Sentences of the network, its accounts, and mails about them."""

SENTENCES = {
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
    "put the tag back to stay, or to come back: it leaves {number} s after the tag went": (
        "残す、または戻すにはタグを付け直してください: タグを外してから {number} 秒で離れます"
    ),
    "put the tag back to stay: it leaves {number} s after the tag went": (
        "残すにはタグを付け直してください: タグを外してから {number} 秒で離れます"
    ),
    "put the tag back to stay: it leaves when another one of its service can serve": (
        "残すにはタグを付け直してください: 同じサービスのほかのものが応答できるようになると離れます"
    ),
    "put the tag back to stay: it leaves when {name} answers in network {network}": (
        "残すにはタグを付け直してください: {name} がネットワーク {network} で応答すると離れます"
    ),
    "put the tag back to stay: it leaves when network {network} waits for it": (
        "残すにはタグを付け直してください: ネットワーク {network} がこれを待つようになると離れます"
    ),
    "ask for it again to have it back under the same name": "もう一度求めれば、同じ名前で戻ります",
    "remove association {id} that somebody else made: network {network} waits for the name of service {name}": (
        "他の手で作られた関連付け {id} を削除してください: ネットワーク {network} がサービス {name} の名前を待っていま"
        "す"
    ),
    "remove association {id} that somebody else made: network {network} waits for the name of service {name} ({arn})": (
        "他の手で作られた関連付け {id} を削除してください: ネットワーク {network} がサービス {name} の名前を待っていま"
        "す ({arn})"
    ),
    "ask infra, which lets no service of this network be deleted: network {network} waits for its name": (
        "インフラチームに聞いてください。このネットワークのサービスは削除されないようにしています: ネットワーク"
        " {network} がその名前を待っています"
    ),
    "remove association {id} that somebody else made: service {name} is off this network and kept for it": (
        "他の手で作られた関連付け {id} を削除してください: サービス {name} はこのネットワークから外れ、そのために残っ"
        "ています"
    ),
    "remove association {id} that somebody else made: service {name} is off this network and kept for it ({arn})": (
        "他の手で作られた関連付け {id} を削除してください: サービス {name} はこのネットワークから外れ、そのために残っ"
        "ています ({arn})"
    ),
    "remove association {id} that somebody else made: service {name} is on this network by it": (
        "他の手で作られた関連付け {id} を削除してください: サービス {name} はこの関連付けでこのネットワークに"
        "入っています"
    ),
    "remove association {id} that somebody else made: service {name} is on this network by it ({arn})": (
        "他の手で作られた関連付け {id} を削除してください: サービス {name} はこの関連付けでこのネットワークに"
        "入っています"
        " ({arn})"
    ),
    "free a tag: of {most} none is left for {keys}": (
        "タグを 1 つ減らしてください: {most} 個の枠が埋まっていて、{keys} を書けません"
    ),
    (
        "deploy the newest {template}, or lift what denies role {role}: {what} cannot be read, and what depends on it "
        "stays as it is: {why}"
    ): (
        "最新の {template} をデプロイするか、ロール {role} を拒否しているものを外してください: {what} を読み取れず、そ"
        "れに関わるものは今のまま残します: {why}"
    ),
    (
        "deploy the newest member.yaml to account {account}, or lift what denies its role {role}: {what} cannot be "
        "read, and what depends on it stays as it is: {why}"
    ): (
        "アカウント {account} に最新の member.yaml をデプロイするか、ロール {role} を拒否しているものを外してください: "
        "{what} を読み取れず、それに関わるものは今のまま残します: {why}"
    ),
    (
        "name a profile that may read it, which {who} may not: {what} cannot be read, and what depends on it stays as "
        "it is: {why}"
    ): (
        "{who} には権限がないので、読み取れるプロファイルを指定してください: {what} を読み取れず、それに関わるものは"
        "今のまま残します: {why}"
    ),
    "{why}; told from its last report": "{why}; 最後の報告によるものです",
    "the account's {what} cannot be read: {why}": "アカウントの {what} を読み取れません: {why}",
    "log group {name} cannot be read: {why}": "ロググループ {name} を読み取れません: {why}",
    "parameter {name} cannot be read: {why}": "パラメータ {name} を読み取れません: {why}",
    "the settings of service {name} cannot be read: {why}": "サービス {name} の設定を読み取れません: {why}",
    "{what} cannot be read: {why}": "{what} を読み取れません: {why}",
    (
        "{role} cannot be assumed: deploy member.yaml of this network to account {account}, or revert the drift of its "
        "stack, if there is one"
    ): (
        "{role} に入れません: アカウント {account} にこのネットワークの member.yaml をデプロイしてください。スタックが"
        "既にあるなら、そのドリフトを元に戻してください"
    ),
    "account {account} cannot be read: {why}": "アカウント {account} を読み取れません: {why}",
    "name a profile of that account as well: only the network's functions may assume role {role} in it": (
        "そのアカウントのプロファイルも指定してください: そのアカウントのロール {role} を引き受けられるのは、ネッ"
        "トワークの関数だけです"
    ),
    "no network is known whose reader role could be used": "使える読み取り用ロールのあるネットワークが分かりません",
    # --- accounts
    "{account} has sent events and is not in MemberAccounts: add it there and deploy, or delete its member"
    " stack. What is connected stays either way": (
        "{account} からイベントが届きましたが、MemberAccounts にありません: 加えてデプロイするか、そのメンバース"
        "タックを削除してください。接続済みのものはどちらでも残ります"
    ),
    "{account} is in MemberAccounts and has never sent an event: deploy member.yaml of {network} to it, or"
    " take it off the list": (
        "{account} は MemberAccounts にありますが、一度もイベントが届いていません: {network} の member.yaml をデ"
        "プロイするか、一覧から外してください"
    ),
    "{account} has sent no event for {number} hours, and its schedule sends one every hour: put its"
    " member stack back, switch its schedule {schedule} on, or have the bus admit it. What is connected stays; what"
    " changes there is not seen": (
        "{account} から {number} 時間イベントが届いていません。スケジュールは毎時動くはずです: メンバースタックを"
        "戻すか、スケジュール {schedule} を有効にするか、バスに受け入れさせてください。接続済みのものは残りますが、"
        "そこでの変更は見えません"
    ),
    (
        "no run could look at {account} for {number} hours, or not at all that it asks for: see its refusal, or what "
        "keeps its role {role} from reading. What is connected stays; what is not read is not changed"
    ): (
        "{number} 時間、どの実行も {account} の求めるものを全部または一部読み取れていません: 拒否の内容か、ロール "
        "{role} の読み取りを妨げているものを確認してください。接続済みのものは残り、読み取れないものは変更しません"
    ),
    (
        "no run of {account} has ended well for {number} hours: see onramp status {who}, and onramp doctor. What is "
        "connected stays; what changes there is not done"
    ): (
        "{number} 時間、{account} の実行が 1 つも正常に終わっていません: onramp status {who} と onramp doctor を見てく"
        "ださい。接続済みのものは残りますが、そこでの変更は行われません"
    ),
    (
        "{account} has member stack {one}, and the network's is {other}: one minor version apart fits, no more. Deploy "
        "member.yaml of {other} to it. What is connected stays; what is new may fail there"
    ): (
        "{account} のメンバースタックは {one}、ネットワークのスタックは {other} です: マイナーバージョンは 1 つ違いまで"
        "です。{other} の member.yaml をデプロイしてください。接続済みのものは残りますが、新しいものは失敗することがあ"
        "ります"
    ),
    (
        "{account} has TagPrefix {one} in its member stack, and the network's stack has another: update it with that "
        "one. Until then what teams tag there is seen by its sweeps alone. What is connected stays"
    ): (
        "{account} のメンバースタックの TagPrefix は {one} で、ネットワークのスタックとは違います: 同じものに更新してく"
        "ださい。それまでは、そこのタグの変更に毎時の確認だけが気付きます。接続済みのものは残ります"
    ),
    "{account} is well again ({code} is over)": "{account} は正常に戻りました ({code} は解消)",
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
    "Waiting for approval, by onramp approve ID or onramp reject ID ({number}):": (
        "承認待ち。onramp approve ID か onramp reject ID で答えてください ({number}):"
    ),
    "Waiting for somebody else ({number}):": "ほかの人の対応待ち ({number}):",
    "Held ({number}):": "保留 ({number}):",
    "infra holds it, onramp unhold {name} takes that back": (
        "インフラチームが保留にしています。解くには onramp unhold {name}"
    ),
    "Accounts that are not well ({number}):": "正常でないアカウント ({number}):",
    "Forgotten: they send nothing and have nothing here ({number}):": (
        "一覧から外したアカウント: イベントが届かず、ここに何もありません ({number}):"
    ),
}
