"""Sentences of what a run does, leaves and waits for, and why."""

SENTENCES = {
    # --- what is there already
    (
        "network {network} still holds this VPC: it joins here when that has let it go. If it stays ask infra: "
        "Vanish or DeletionLimit may keep it"
    ): (
        "まだネットワーク {network} にこの VPC があります: そこから離れたら、ここに参加します。変わらないときはインフラ"
        "チームに聞いてください: Vanish または DeletionLimit が残しているかもしれません"
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
    "choose another name, or take it off what asks for it in network {network}: {name} is asked for there, too": (
        "別の名前にするか、ネットワーク {network} でその名前を求めているものから外してください: {name} はそこでも求めら"
        "れています"
    ),
    (
        "network {network} still has it in target group {name}: it joins here when that has let it go. If it stays put "
        "its old tags back until it is connected or ask infra: Vanish or DeletionLimit or an association by hand may "
        "keep it"
    ): (
        "まだネットワーク {network} のターゲットグループ {name} に登録されています: そこから離れたら、ここに参加しま"
        "す。変わらないときは、接続されるまで元のタグに戻すか、インフラチームに聞いてください: Vanish、DeletionLimit、"
        "または他の手で作られた関連付けが残しているかもしれません"
    ),
    (
        "network {network} still holds service {name}: it joins here when that has let it go. If it stays ask "
        "infra: Vanish or DeletionLimit or a refused tag or an association by hand may keep it"
    ): (
        "まだネットワーク {network} にサービス {name} があります: そこから離れたら、ここに参加します。変わらないときは"
        "インフラチームに聞いてください: Vanish、DeletionLimit、拒否されたタグ、または他の手で作られた関連付けが残して"
        "いるかもしれません"
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
    "remove {keys} or {key}: the security groups alone say who may call": (
        "{keys} か {key} を外してください: 呼び出せる相手を決めるのはセキュリティグループだけです"
    ),
    "update the member stack of account {account} with the {parameters} of the network stack: {why}": (
        "アカウント {account} のメンバースタックを、ネットワークのスタックと同じ {parameters} で更新してください: {why}"
    ),
    "allow it in the permissions boundary of the role, BoundaryPolicy: {why}": (
        "ロールのアクセス許可の境界 BoundaryPolicy で許可してください: {why}"
    ),
    (
        "let delivery.logs.amazonaws.com write to the log group by its resource policy, or grant the call to the role: "
        "{why}"
    ): (
        "ロググループのリソースポリシーで delivery.logs.amazonaws.com の書き込みを許可するか、ロールにこの"
        "呼び出しを許可してください: {why}"
    ),
    "grant it to the role, or lift the policy above it that denies it: {why}": (
        "ロールに許可するか、拒否している上位のポリシーを外してください: {why}"
    ),
    "switch on sharing with the organization in RAM's management account: {why}": (
        "管理アカウントで、RAM の組織内共有を有効にしてください: {why}"
    ),
    "ask infra: the share of this network is gone from its stack: {why}": (
        "ネットワークのスタックから共有が消えています。インフラチームに依頼してください: {why}"
    ),
    "remove or rename it, since it is not ours: {why}": (
        "こちらが作ったものではないため、削除するか、名前を変えてください: {why}"
    ),
    "RAM could not share the network: AWS gives no reason": (
        "RAM はネットワークを共有できませんでした: AWS は理由を示していません"
    ),
    "RAM could not share the network: {why}": "RAM はネットワークを共有できませんでした: {why}",
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
    "the association of {vpc} that somebody else made is {status}": "他の手で作られた {vpc} の関連付けは {status} です",
    "a service {name} of somebody else is {status}": "他の人のサービス {name} は {status} です",
    "the load balancer is being registered in target group {name}": (
        "ロードバランサーをターゲットグループ {name} に登録しています"
    ),
    "have the tool shift requests here or mend what it shifted them to: nothing answers there": (
        "ツールでリクエストをここに向けるか、向けた先を直してください: そこからは応答がありません"
    ),
    "mend SSM parameter {parameter} if requests are meant to get through: {why}": (
        "リクエストを通すつもりなら SSM パラメータ {parameter} を直してください: {why}"
    ),
    "mend the auth policy of service {name} or set its auth type to NONE: {why}": (
        "サービス {name} の認証ポリシーを直すか、認証タイプを NONE に戻してください: {why}"
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
    "network {network} takes the load balancer out of target group {name} first": (
        "先にネットワーク {network} がターゲットグループ {name} からロードバランサーを外します"
    ),
    "network {network} lets {vpc} go first": "先にネットワーク {network} が {vpc} を手放します",
    "service {name} of account {account} lets domain {domain} go": (
        "アカウント {account} のサービス {name} がドメイン {domain} を手放します"
    ),
    "{name} leaves when its quiet time is over": "{name} は静止時間 (QuietSeconds) が過ぎると離れます",
    "{name} leaves when it answers in network {network}": "{name} はネットワーク {network} で応答すると離れます",
    "{service} leaves when {name} answers in network {network}": (
        "{service} は {name} がネットワーク {network} で応答すると離れます"
    ),
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
    "a tool has changed the shares since they were looked at": "確認した後で、ツールが重みを変えました",
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
    "infra has switched answers off": "インフラチームが回答のタグを書かない設定にしています",
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
    "it holds records of services below {name}": "{name} の下のサービスのレコードがあります",
    "it holds no records of services any more": "もうサービスのレコードはありません",
    "its VPC is no client any more": "その VPC はもうクライアントではありません",
    "it answers under it still": "まだこの名前で応答しています",
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
    "since when it is there is not known, and it counts only after minutes": (
        "いつから置かれているかが分からず、有効になるまで数分かかります"
    ),
    "since when its policy is not to count is not known, and it does for minutes": (
        "いつからポリシーが無効かが分からず、数分は有効なままです"
    ),
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
}
