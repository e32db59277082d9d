"""Sentences of the other commands: what they show, what was typed, and who is let in."""

SENTENCES = {
    # --- onramp status
    "No account has sent an event yet: deploy member.yaml to one, then tag.": (
        "まだどのアカウントからもイベントが届いていません: どれかに member.yaml をデプロイしてから、タグを付けて"
        "ください。"
    ),
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
    "{name} carries the network's mark, and whether it is ours stands in the network's table, which was not read": (
        "{name} にはこのネットワークの印があり、自動化のものかどうかはネットワークのテーブルにありますが、読み取って"
        "いません"
    ),
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
    "{error}: write AWS_ENDPOINT_URL, or the profile's endpoint_url, as a whole URL": (
        "{error}: AWS_ENDPOINT_URL、またはプロファイルの endpoint_url に URL 全体を書いてください"
    ),
    "{why}; try again later": "{why}。後でもう一度試してください",
    "no network can be seen, so none is called {network}: name a profile of the network account": (
        "ネットワークが 1 つも見えず、{network} もありません: ネットワークアカウントのプロファイルを指定してください"
    ),
    (
        "network {network} has no table {table} in {account}: use a profile of the network account, or deploy "
        "template.yaml; if somebody deleted it, do what table-missing says in docs/troubleshooting.md"
    ): (
        "アカウント {account} に、ネットワーク {network} のテーブル {table} がありません: ネットワークアカウントの"
        "プロファイルを使うか、template.yaml をデプロイしてください。誰かが削除したのなら、"
        "docs/troubleshooting.md の table-missing に従ってください"
    ),
    "no network is owned by {accounts} in {region}: use a profile of the network account, or its --region": (
        "{region} に {accounts} のネットワークがありません: ネットワークアカウントのプロファイルか、その --region を"
        "使ってください"
    ),
    "AWS does not know the region: {error}; check --region, or the profile's region": (
        "AWS がそのリージョンを知りません: {error}。--region かプロファイルのリージョンを確かめてください"
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
    "the profiles are of several accounts: say which by --account: {accounts}": (
        "プロファイルは複数のアカウントのものです: --account でどれかを指定してください: {accounts}"
    ),
    "no network can be seen in {region}: use a profile of the network account, or its --region": (
        "{region} にネットワークが見えません: ネットワークアカウントのプロファイルか、その --region を使ってください"
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
    "{name} is there, but not in that account or state: leave off --account and --state": (
        "{name} はありますが、そのアカウントまたは状態ではありません: --account と --state を外してください"
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
    "--to {word} is an ARN: write the service's name, as onramp status has it": (
        "--to {word} は ARN です: onramp status に出るサービスの名前を書いてください"
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
    (
        "no VPC of {accounts} has the address {address}: name a profile of its account as well, its region by "
        "--region, or its VPC by --vpc"
    ): (
        "{accounts} の VPC に、アドレス {address} はありません: そのアカウントのプロファイルも指定するか、--region で"
        "リージョンを、または --vpc で VPC を指定してください"
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
    "{file} cannot be written: {why}": "{file} に書き込めません: {why}",
    "it is a folder": "フォルダーです",
    "there is no folder {name}": "フォルダー {name} がありません",
    "nobody lets you write there": "書き込む権限がありません",
    "choose one of --json and --sarif": "--json と --sarif のどちらか 1 つにしてください",
    # --- onramp look, release, hold, unhold, approve, reject
    "say which: --account ID, or --all": "どれかを指定してください: --account ID、または --all",
    "no account has ever sent an event to network {network}: deploy member.yaml to one": (
        "ネットワーク {network} にはどのアカウントからも一度もイベントが届いていません: どれかに member.yaml を"
        "デプロイしてください"
    ),
    (
        "Account {account} has never sent an event: check its number. Without its member stack nothing is read there, "
        "and two hours later the fleet has it as account-blind"
    ): (
        "アカウント {account} から一度もイベントが届いていません: 番号を確かめてください。メンバースタックがなければ何"
        "も読み取れず、2 時間後には account-blind として一覧に残ります"
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
    "It is held already, by {who}.": "すでに {who} が外しています。",
    "It was {state} before, by {who}.": "以前に {who} が答えています: {state}",
    "Approve {id}?": "{id} を承認しますか?",
    "Reject {id}?": "{id} を却下しますか?",
    "onramp approve {id}, or onramp reject, with role {role}": (
        "onramp approve {id} または onramp reject (ロール {role} で)"
    ),
    "name a profile that takes role {role}: {who} may not say this: {words}": (
        "ロール {role} を引き受けるプロファイルを指定してください: {who} にはこの権限がありません: {words}"
    ),
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
    ("{given} is no name: write a service, its domain, a load balancer, a VPC, an account or a request's id"): (
        "{given} は名前ではありません: サービス、そのドメイン、ロードバランサー、VPC、アカウント、または申請の ID を"
        "書いてください"
    ),
    "--network {given} is no network's name: write {number} to {most} of a-z 0-9 and single inner hyphens": (
        "--network {given} はネットワークの名前ではありません: a-z 0-9 と途中の単独のハイフンを {number} から {most}"
        " 文字で書いてください"
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
    "{text} is an ARN: write a service's name, ACCOUNT/SERVICE, or an account": (
        "{text} は ARN です: サービスの名前、ACCOUNT/SERVICE、またはアカウントを書いてください"
    ),
    "{name} is a load balancer's name: hold its service, {services}": (
        "{name} はロードバランサーの名前です: そのサービス {services} を指定してください"
    ),
    "account {account} is not in MemberAccounts: did you mean {other}?": (
        "アカウント {account} は MemberAccounts にありません。もしかして: {other}"
    ),
    "account {account} is not in MemberAccounts: infra adds it there first": (
        "アカウント {account} は MemberAccounts にありません: 先にそこへ追加してください"
    ),
    "Account {account} has no service {name} now: it is kept off once it is asked for.": (
        "アカウント {account} に今サービス {name} はありません: 求められたときから外します。"
    ),
    "Account {account} has no service {name} now (did you mean {other}?): it is kept off once it is asked for.": (
        "アカウント {account} に今サービス {name} はありません (もしかして: {other}): 求められたときから外します。"
    ),
    "no account has a service {name}. One that is not there yet is held as ACCOUNT/{name}": (
        "サービス {name} はどのアカウントにもありません。まだないものを外すには ACCOUNT/{name} と書いてください"
    ),
    ("no account has a service {name}; did you mean {others}? One that is not there yet is held as ACCOUNT/{name}"): (
        "サービス {name} はどのアカウントにもありません。もしかして: {others}。まだないものを外すには ACCOUNT/{name} "
        "と書いてください"
    ),
}
